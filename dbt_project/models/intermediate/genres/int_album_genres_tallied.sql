{{ config(materialized='table') }}

-- Long for the three tests that a genre must pass: enough weight, enough share, no dispute.

with opinions as (

    select * from {{ ref('int_album_genre_opinions') }}

),

thresholds as (

    select *
    from {{ ref('genre_thresholds') }}
    where rule = 'votes'

),

scored as (

    select
        album_id,
        genre,
        -- rounded, because the order of a sum of fractions must decide nothing
        {{ rounded('sum(opinion)', 6) }} as score
    from opinions
    group by album_id, genre

),

ranked as (

    select
        album_id,
        genre,
        score,
        {{ rounded('sum(score) over (partition by album_id)', 6) }} as total,
        row_number() over (
            partition by album_id
            order by score desc, genre
        ) as genre_rank,
        lead(genre) over (
            partition by album_id
            order by score desc, genre
        ) as runner_up,
        coalesce(
            lead(score) over (partition by album_id order by score desc, genre),
            0
        ) as runner_up_score
    from scored

),

supporters as (

    select
        album_id,
        genre,
        source,
        min(source_key) as source_key,
        row_number() over (
            partition by album_id, genre
            order by {{ rounded('sum(opinion)', 6) }} desc, source
        ) as source_rank
    from opinions
    group by album_id, genre, source

),

judged as (

    select
        ranked.album_id,
        ranked.genre,
        supporters.source,
        supporters.source_key,
        ranked.total,
        ranked.score / ranked.total as share,
        ranked.runner_up,
        ranked.runner_up_score / ranked.total as runner_up_share,
        case
            when ranked.total < thresholds.minimum_total then 'weak'
            when ranked.score < thresholds.minimum_share * ranked.total
                or ranked.runner_up_score
                    > thresholds.maximum_rival * ranked.score then 'disputed'
            when ranked.genre = 'other' then 'other'
            else 'certain'
        end as verdict
    from ranked
    inner join supporters
        on ranked.album_id = supporters.album_id
        and ranked.genre = supporters.genre
        and supporters.source_rank = 1
    cross join thresholds
    where ranked.genre_rank = 1

)

select * from judged
