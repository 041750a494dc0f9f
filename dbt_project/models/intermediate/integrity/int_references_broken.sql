-- Long because every reference between two tables of the library is followed once.

with albums as (

    select album_id from {{ ref('stg_library__albums') }}

),

artists as (

    select artist_id from {{ ref('stg_library__artists') }}

),

tracks as (

    select track_id from {{ ref('stg_library__tracks') }}

),

album_artist as (

    select * from {{ ref('stg_library__album_artist') }}

),

pointing as (

    select
        'album_artist' as table_name,
        {{ link_key('album_id', 'artist_id') }} as row_key,
        'album_id' as column_name,
        album_id as pointed_id,
        'albums' as pointed_table
    from album_artist
    union all
    select
        'album_artist', {{ link_key('album_id', 'artist_id') }},
        'artist_id', artist_id, 'artists'
    from album_artist
    union all
    select 'images', {{ row_key('image_id') }}, 'album_id', album_id, 'albums'
    from {{ ref('stg_library__images') }}
    union all
    select
        'images', {{ row_key('image_id') }}, 'artist_id', artist_id, 'artists'
    from {{ ref('stg_library__images') }}
    union all
    select
        'metadata', {{ row_key('metadata_id') }}, 'album_id', album_id, 'albums'
    from {{ ref('stg_library__metadata') }}
    union all
    select 'tracks', {{ row_key('track_id') }}, 'album_id', album_id, 'albums'
    from {{ ref('stg_library__tracks') }}
    union all
    select
        'listening_history', {{ row_key('scrobble_id') }},
        'track_id', track_id, 'tracks'
    from {{ ref('stg_library__listening_history') }}

),

present as (

    select 'albums' as table_name, album_id as row_id from albums
    union
    select 'artists', artist_id from artists
    union
    select 'tracks', track_id from tracks

),

-- a track or scrobble that lost its parent counts as an orphan, the rest as
-- broken references
broken as (

    select
        case pointing.table_name
            when 'tracks' then 'orphan_track'
            when 'listening_history' then 'orphan_scrobble'
            else 'broken_reference'
        end as kind,
        pointing.table_name,
        pointing.row_key,
        pointing.column_name,
        pointing.pointed_id,
        pointing.pointed_table
    from pointing
    left join present
        on
            pointing.pointed_table = present.table_name
            and pointing.pointed_id = present.row_id
    where
        present.row_id is null
        and (
            pointing.pointed_id is not null
            or pointing.table_name in ('tracks', 'listening_history')
        )

)

select * from broken
