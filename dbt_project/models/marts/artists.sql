with library_artists as (

    select * from {{ ref('stg_library__artists') }}

),

settled as (

    select * from {{ ref('int_album_artists_settled') }}

),

counted as (

    select artist_id, cast(count(*) as integer) as album_count
    from settled
    where artist_id is not null
    group by 1

),

new_artists as (

    select
        'new:' || name as artist_key,
        cast(null as bigint) as artist_id,
        name,
        'sillon' as artist_source,
        cast(count(*) as integer) as album_count
    from settled
    where artist_id is null
    group by name

),

artists as (

    select
        'artist:' || cast(library_artists.artist_id as string) as artist_key,
        library_artists.artist_id,
        library_artists.name,
        'library' as artist_source,
        coalesce(counted.album_count, 0) as album_count
    from library_artists
    left join counted
        on library_artists.artist_id = counted.artist_id
    union all
    select artist_key, artist_id, name, artist_source, album_count
    from new_artists

)

select * from artists
