{{ album_questions('listenbrainz', 'recordings') }}
