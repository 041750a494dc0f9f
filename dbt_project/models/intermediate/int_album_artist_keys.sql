{{ config(materialized='table') }}

-- The keys by which an album's artists meet the credits of a release group.

with album_artist as (

    select * from {{ ref('stg_library__album_artist') }}

),

artists as (

    select * from {{ ref('stg_library__artists') }}

),

names as (

    select * from {{ ref('int_artist_names_keyed') }}

),

credited as (

    select
        album_artist.album_id,
        names.*
    from album_artist
    inner join artists
        on album_artist.artist_id = artists.artist_id
    inner join names
        on artists.name = names.name

),

keys as (

    select album_id, name, artist_key, artist_key as whole_key, artist_words, is_various, is_imitation
    from credited
    union
    select album_id, name, lead_key as artist_key, artist_key as whole_key, artist_words, is_various, is_imitation
    from credited

)

select
    *,
    artist_key = whole_key as is_whole,
    {{ word_prefix('artist_key') }} as name_prefix
from keys
