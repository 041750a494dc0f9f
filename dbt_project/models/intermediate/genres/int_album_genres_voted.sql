{{ config(materialized='table') }}

-- Long for its columns: what was voted goes out with source, evidence and runner-up.

with tallied as (

    select * from {{ ref('int_album_genres_tallied') }}

),

worded as (

    select * from {{ ref('int_album_genre_votes_worded') }}

),

by_keyword as (

    select * from {{ ref('int_album_genres_by_keyword') }}

),

dated as (

    select * from {{ ref('int_genre_sources_dated') }}

),

-- confidence: the winner's share, less where few voted
voted as (

    select
        tallied.album_id,
        tallied.genre,
        tallied.source,
        {{ rounded('tallied.share * (0.7 + 0.3 * least(1, tallied.total))', 4) }}
            as confidence,
        'genre_votes' as rule,
        worded.evidence,
        tallied.runner_up,
        dated.evidence_url,
        dated.fetched_at
    from tallied
    inner join worded
        on tallied.album_id = worded.album_id
        and tallied.genre = worded.genre
    left join dated
        on tallied.source = dated.source
        and tallied.source_key = dated.source_key
    where tallied.verdict = 'certain'

),

-- keywords come last: only where the sources said next to nothing
guessed as (

    select
        by_keyword.album_id,
        by_keyword.genre,
        'keywords' as source,
        by_keyword.confidence,
        'genre_keywords' as rule,
        by_keyword.evidence,
        by_keyword.runner_up,
        cast(null as string) as evidence_url,
        cast(null as timestamp) as fetched_at
    from by_keyword
    left join tallied
        on by_keyword.album_id = tallied.album_id
    where coalesce(tallied.verdict, 'weak') = 'weak'

),

believed as (

    select * from voted
    union all
    select * from guessed

)

select
    *,
    true as is_applied
from believed
