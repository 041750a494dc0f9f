with albums as (

    select * from {{ ref('stg_library__albums') }}

),

linked as (

    select distinct album_id
    from {{ ref('int_album_artists_linked') }}

),

settings as (

    select * from {{ ref('int_settings_resolved') }}

),

without_artist as (

    select
        'album_without_artist' as kind,
        albums.album_id,
        cast(null as string) as column_name,
        left(albums.title, 200) as value,
        'no artist is linked to this album' as detail
    from albums
    left join linked
        on albums.album_id = linked.album_id
    where linked.album_id is null

),

impossible_year as (

    select
        'impossible_year',
        albums.album_id,
        'year',
        albums.year_text,
        'no year between ' || cast(settings.earliest_year as string)
        || ' and ' || cast(settings.latest_year as string)
    from albums
    cross join settings
    where
        not {{ is_blank('albums.year_text') }}
        and coalesce(
            albums.year not between settings.earliest_year
            and settings.latest_year,
            true
        )

),

without_title as (

    select
        'album_without_title',
        albums.album_id,
        'title',
        left(albums.title, 200),
        'the title is empty'
    from albums
    where {{ is_blank('albums.title') }}

),

faulty as (

    select * from without_artist
    union all
    select * from impossible_year
    union all
    select * from without_title

)

select * from faulty
