with albums as (

    select * from {{ ref('stg_library__albums') }}

),

tracks as (

    select * from {{ ref('stg_library__tracks') }}

),

album_artist as (

    select distinct
        album_id,
        artist_id
    from {{ ref('stg_library__album_artist') }}

),

artists as (

    select * from {{ ref('stg_library__artists') }}

),

texts as (

    select
        't' || cast(track_id as varchar) as text_key,
        album_id,
        'title' as place,
        title as text
    from tracks
    union all
    select
        'a' || cast(album_id as varchar),
        album_id,
        'album',
        title
    from albums
    union all
    select
        'r' || cast(album_artist.artist_id as varchar),
        album_artist.album_id,
        'artist',
        artists.name
    from album_artist
    inner join artists
        on album_artist.artist_id = artists.artist_id

),

-- 500 characters hold any title that a person wrote
folded as (

    select
        text_key,
        album_id,
        place,
        {{ fold_text('left(text, 500)') }} as folded
    from texts
    where album_id is not null
        and not {{ is_blank('text') }}

),

listed as (

    select
        text_key,
        album_id,
        place,
        {{ split_words('folded') }} as words
    from folded
    union all
    select
        text_key,
        album_id,
        place,
        {{ split_words(numbers_signed('folded')) }}
    from folded
    where {{ matches_pattern('folded', '[0-9]') }}

)

select * from listed
