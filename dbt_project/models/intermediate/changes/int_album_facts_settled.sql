{{ config(materialized='table') }}

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

years as (

    select * from {{ ref('int_album_years_chosen') }}

),

genres as (

    select *
    from {{ ref('int_album_genres_voted') }}
    where is_applied

),

live as (

    select album_id, 'year' as field, 'year' as column_name, year_text as value
    from albums
    union all
    select album_id, 'genre', 'genre', genre
    from albums

),

accepted as (

    select * from {{ ref('int_values_accepted') }}

),

believed as (

    select
        album_id,
        'year' as field,
        cast(year as string) as value,
        source, rule, confidence, evidence_url, fetched_at, runner_up
    from years
    union all
    select
        album_id,
        'genre',
        genre,
        source, rule, confidence, evidence_url, fetched_at, runner_up
    from genres

),

proposed as (

    select
        album_id, field, value,
        source, rule, confidence, evidence_url, fetched_at, runner_up
    from accepted
    where field in ('year', 'genre')
    union all
    select believed.*
    from believed
    left join accepted
        on
            believed.album_id = accepted.album_id
            and believed.field = accepted.field
    where accepted.album_id is null

),

{{ settled_values('live', 'proposed') }}

select * from settled
