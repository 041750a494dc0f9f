{{ config(materialized='table') }}

-- What was asked for each album, of every source, with its newest answer.

with
{% set questions = [
    'stg_musicbrainz__url_questions', 'stg_musicbrainz__release_group_questions',
    'stg_musicbrainz__name_questions', 'stg_listenbrainz__questions',
    'stg_listenbrainz__recording_questions',
    'stg_cover_art_archive__questions', 'stg_discogs__questions',
    'stg_spotify__questions',
] %}
asked as (

    {% for model in questions %}
    select album_id, source, question, status, fetched_at from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        *,
        row_number() over newest_first as place,
        count(*) over (partition by album_id, source, question) as answers
    from asked
    window newest_first as (
        partition by album_id, source, question
        order by fetched_at desc, status
    )

),

newest as (

    select album_id, source, question, status, fetched_at, answers
    from ranked
    where place = 1

)

select * from newest
