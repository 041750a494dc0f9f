{{ album_questions('listenbrainz', 'release_groups') }}
