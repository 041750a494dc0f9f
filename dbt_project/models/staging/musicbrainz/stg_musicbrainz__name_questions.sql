{{ album_questions('musicbrainz', 'artists') }}
