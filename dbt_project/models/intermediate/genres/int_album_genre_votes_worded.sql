with votes as (

    select * from {{ ref('int_album_genre_votes') }}

),

ranked as (

    select
        album_id,
        genre,
        source,
        word,
        votes,
        row_number() over (
            partition by album_id, genre
            order by weight * level_weight desc, source, level, word
        ) as word_rank
    from votes

),

-- five words are enough to see why
worded as (

    select
        album_id,
        genre,
        {{ join_text(
            "source || ' ' || word || ' ×' || cast(votes as string)",
            ', ',
            'word_rank',
        ) }} as evidence
    from ranked
    where word_rank <= 5
    group by album_id, genre

)

select * from worded
