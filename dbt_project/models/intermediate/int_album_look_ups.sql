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

)

select distinct questions.album_id, releases.release_group_musicbrainz_id
from questions
inner join recordings
    on questions.request_key = recordings.request_key
    and questions.fetched_at = recordings.fetched_at
    and questions.asked_number = recordings.asked_number
inner join releases
    on recordings.release_musicbrainz_id = releases.release_musicbrainz_id
