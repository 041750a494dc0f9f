{{ album_questions('spotify', 'albums') }}
