{{ config(materialized='table') }}

-- Release groups that ListenBrainz takes an album for, by one of its tracks: candidates like any other, and no more.

with questions as (

    select * from {{ ref('stg_listenbrainz__recording_questions') }}

),

recordings as (

    select * from {{ ref('stg_listenbrainz__recordings') }}

),

releases as (

    select * from {{ ref('stg_musicbrainz__release_group_releases') }}

),

-- a question asked for several albums was asked once
first_places as (

    select
        request_key,
        fetched_at,
        question,
        album_id,
        min(position) over (partition by request_key, fetched_at, question) as first_position
    from questions

),

numbered as (

    select
        *,
        dense_rank() over (partition by request_key, fetched_at order by first_position) - 1 as asked_number
    from first_places

)

select distinct numbered.album_id, releases.release_group_musicbrainz_id
from numbered
inner join recordings
    on numbered.request_key = recordings.request_key
    and numbered.fetched_at = recordings.fetched_at
    and numbered.asked_number = recordings.asked_number
inner join releases
    on recordings.release_musicbrainz_id = releases.release_musicbrainz_id
