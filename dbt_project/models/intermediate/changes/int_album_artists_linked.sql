with links as (

    select distinct album_id, artist_id
    from {{ ref('stg_library__album_artist') }}

),

albums as (

    select * from {{ ref('stg_library__albums') }}

),

artists as (

    select * from {{ ref('stg_library__artists') }}

),

-- a link to an album or artist that is gone links nothing
linked as (

    select
        links.album_id,
        links.artist_id,
        artists.name
    from links
    inner join albums
        on links.album_id = albums.album_id
    inner join artists
        on links.artist_id = artists.artist_id

)

select * from linked
