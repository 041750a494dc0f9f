{{ album_questions('listenbrainz', 'recordings', is_numbered=true) }}
