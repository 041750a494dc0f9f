{{ album_questions('musicbrainz', 'urls') }}
