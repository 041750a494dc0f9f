-- Long because albums and scrobbles are asked in words of their own.
{{ config(materialized='table') }}

with duplicated_albums as (

    select * from {{ ref('int_albums_duplicated') }}

),

duplicated_scrobbles as (

    select * from {{ ref('int_scrobbles_duplicated') }}

),

artists as (

    select
        album_id,
        {{ join_text('name', ', ', 'artist_id') }} as names
    from {{ ref('int_album_artists_linked') }}
    group by 1

),

albums as (

    select
        'duplicate_album' as kind,
        duplicated_albums.album_id,
        duplicated_albums.album_id as row_id,
        artists.names as artist,
        duplicated_albums.title,
        'albums' as field,
        case duplicated_albums.reason
            when 'same_title_and_artist'
                then 'same title and artist as an earlier album'
            else 'same release group as an earlier album: an edition?'
        end as reason,
        {{ candidate_json(
            'duplicated_albums.first_album_id', 'duplicated_albums.first_title',
            'artists.names', 'null', 'duplicated_albums.first_support',
            "case reason when 'same_release_group' then 0.5 else 0.9 end",
            'duplicated_albums.reason', 'null'
        ) }} as candidate,
        case duplicated_albums.reason
            when 'same_release_group' then 0.5
            else 0.9
        end as confidence
    from duplicated_albums
    left join artists
        on duplicated_albums.album_id = artists.album_id

),

scrobbles as (

    select
        'duplicate_scrobble',
        duplicated_scrobbles.album_id,
        duplicated_scrobbles.scrobble_id,
        artists.names,
        duplicated_scrobbles.title,
        'listening_history',
        'heard again after ' || cast(duplicated_scrobbles.seconds_apart as string)
        || ' s',
        {{ candidate_json(
            'duplicated_scrobbles.earlier_scrobble_id',
            'duplicated_scrobbles.title', 'artists.names', 'null',
            "'scrobble'", '0.9',
            "cast(duplicated_scrobbles.seconds_apart as string) || ' s apart'",
            'null'
        ) }},
        0.9
    from duplicated_scrobbles
    left join artists
        on duplicated_scrobbles.album_id = artists.album_id

),

together as (

    select * from albums
    union all
    select * from scrobbles

),

queued as (

    select
        {{ hash_text("kind || '|' || cast(row_id as string)") }} as queue_id,
        kind,
        album_id,
        artist,
        title,
        field,
        reason,
        '[' || candidate || ']' as candidates,
        cast(confidence as double) as confidence,
        cast(null as string) as suggestion
    from together

)

select * from queued
