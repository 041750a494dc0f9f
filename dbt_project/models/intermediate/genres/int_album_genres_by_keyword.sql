{{ config(materialized='table') }}

with scored as (

    select * from {{ ref('int_album_genre_keywords_scored') }}

),

thresholds as (

    select *
    from {{ ref('genre_thresholds') }}
    where rule = 'keywords'

),

-- all genres of an album share its number of titles, so the totals rank them
ranked as (

    select
        *,
        row_number() over (
            partition by album_id
            order by total desc, genre
        ) as genre_rank,
        lead(genre) over (
            partition by album_id
            order by total desc, genre
        ) as runner_up,
        lead(total) over (
            partition by album_id
            order by total desc, genre
        ) as runner_up_total
    from scored

),

-- "other" has no thresholds: an album that sounds like none of the seven
-- gets no answer
answered as (

    select
        ranked.album_id,
        ranked.genre,
        thresholds.right_share as confidence,
        ranked.total,
        ranked.total / (ranked.title_count + thresholds.silent_titles) as share,
        ranked.runner_up,
        coalesce(ranked.runner_up_total, 0) as runner_up_total,
        ranked.evidence
    from ranked
    inner join thresholds
        on ranked.genre = thresholds.genre
    where ranked.genre_rank = 1
        and ranked.total >= thresholds.minimum_total
        and ranked.total
            >= {{ rounded(
                'thresholds.minimum_share'
                ' * (ranked.title_count + thresholds.silent_titles)',
                4
            ) }}
        and coalesce(ranked.runner_up_total, 0)
            <= {{ rounded('thresholds.maximum_rival * ranked.total', 4) }}
        and ranked.strongest >= thresholds.minimum_word
        and ranked.place_count >= thresholds.minimum_places

)

select * from answered
