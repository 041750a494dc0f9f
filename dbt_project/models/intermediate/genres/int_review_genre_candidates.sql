with tallied as (

    select *
    from {{ ref('int_album_genres_tallied') }}
    where verdict = 'disputed'

),

votes as (

    select * from {{ ref('int_album_genre_votes') }}

),

worded as (

    select * from {{ ref('int_album_genre_votes_worded') }}

),

scored as (

    select
        votes.album_id,
        votes.genre,
        {{ rounded('sum(votes.weight * votes.level_weight)', 6) }} as score,
        max(worded.evidence) as evidence
    from votes
    inner join tallied
        on votes.album_id = tallied.album_id
    inner join worded
        on votes.album_id = worded.album_id
        and votes.genre = worded.genre
    group by votes.album_id, votes.genre

),

listed as (

    select
        album_id,
        '[' || {{ join_text(
            "'{\"id\":' || " ~ json_quote('genre')
            ~ " || ',\"title\":' || " ~ json_quote('genre')
            ~ " || ',\"artist\":null,\"year\":null,\"type\":\"genre\"'"
            ~ " || ',\"score\":' || " ~ number_text(rounded('score', 2))
            ~ " || ',\"evidence\":' || " ~ json_quote('evidence')
            ~ " || ',\"url\":null}'",
            ',',
            'score desc, genre',
        ) }} || ']' as candidates
    from scored
    group by album_id

)

select * from listed
