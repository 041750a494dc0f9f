{{ album_questions('cover_art_archive', 'front_covers') }}
