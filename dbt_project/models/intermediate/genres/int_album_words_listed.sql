-- Long because title, artist and tracks are each cut into words in a way of their own.
{{ config(materialized='keyed', sides=[
    {'key': 'album_id', 'inputs': {
        'stg_library__albums': 'album_id',
        'stg_library__tracks': 'album_id',
        'stg_library__album_artist': 'album_id',
        'stg_library__artists': {'key': 'album_id', 'through': 'stg_library__album_artist', 'on': 'artist_id'},
    }},
]) }}

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
        album_id,
        'title' as place,
        title as text
    from tracks
    union all
    select
        album_id,
        'album',
        title
    from albums
    union all
    select
        album_artist.album_id,
        'artist',
        artists.name
    from album_artist
    inner join artists
        on album_artist.artist_id = artists.artist_id

),

-- 500 characters hold any title that a person wrote; a track that is there
-- twice says it once
folded as (

    select distinct
        album_id,
        place,
        {{ fold_text('left(text, 500)') }} as folded
    from texts
    where album_id is not null
        and not {{ is_blank('text') }}

),

-- the folded text is its own key: an album named after one of its tracks says
-- it once
listed as (

    select
        folded as text_key,
        album_id,
        place,
        {{ split_words('folded') }} as words
    from folded
    union all
    select
        folded as text_key,
        album_id,
        place,
        {{ split_words(numbers_signed('folded')) }}
    from folded
    where {{ matches_pattern('folded', '[0-9]') }}

)

select * from listed
