{{ config(materialized='table') }}

-- What the score is made of, as counts, in the library as read ("before") and
-- as it will be with tonight's changes ("after").
-- Long because every count stands twice, before and after.

with counted as (

    select * from {{ ref('int_library_counted') }}

),

issues as (

    select * from {{ ref('int_integrity_faults_listed') }}

),

albums as (

    select * from {{ ref('int_albums_complete') }}

),

tables as (

    select
        sum(row_count + unusable_count) as all_rows,
        sum(case when table_name = 'albums' then row_count end) as albums,
        sum(case when table_name = 'artists' then row_count end) as artists,
        sum(case when table_name = 'tracks' then row_count end) as tracks,
        sum(case when table_name = 'listening_history' then row_count end)
            as scrobbles
    from counted

),

faults as (

    select
        count(distinct case
            when kind in ('broken_reference', 'unreadable_value', 'unusable_id')
                then table_name || row_key
        end) as unsound_rows,
        count(case when kind = 'broken_reference' then 1 end)
            as broken_references,
        count(distinct case when kind = 'orphan_track' then row_key end)
            as orphan_tracks,
        count(distinct case when kind = 'orphan_scrobble' then row_key end)
            as orphan_scrobbles,
        count(distinct case
            when
                kind = 'duplicate_album' and severity = 'warning'
                then row_key
        end) as duplicate_albums,
        count(distinct case
            when
                kind = 'album_without_artist'
                or (kind = 'duplicate_album' and severity = 'warning')
                then row_key
        end) as incoherent_albums,
        count(distinct case when kind = 'duplicate_artist' then row_key end)
            as duplicate_artists
    from issues

),

completeness as (

    select
        count(*) - count(image_before) as without_image_before,
        count(*) - count(image_after) as without_image_after,
        count(*) - count(genre_before) as without_genre_before,
        count(*) - count(genre_after) as without_genre_after,
        count(*) - count(year_before) as without_year_before,
        count(*) - count(year_after) as without_year_after,
        count(*) - count(description_before) as without_description_before,
        count(*) - count(description_after) as without_description_after
    from albums

),

artists as (

    select * from {{ ref('int_artists_counted') }}

),

row_changes as (

    select action from {{ ref('int_changes_images') }}
    union all
    select action from {{ ref('int_changes_credits') }}

),

growth as (

    select
        count(case when action = 'insert' then 1 end)
        - count(case when action = 'delete' then 1 end) as added_rows
    from row_changes

),

together as (

    select *
    from tables
    cross join faults
    cross join completeness
    cross join artists
    cross join growth

)

select * from together
