{{ album_questions('musicbrainz', 'release_groups') }}
