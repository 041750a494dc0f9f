{{ album_questions('discogs', 'releases') }}
