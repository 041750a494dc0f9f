{{ config(materialized='keyed', sides=[
    {'key': 'album_id', 'inputs': {
        'int_album_keywords_found': 'album_id',
        'int_album_keywords_worded': 'album_id',
        'stg_library__tracks': 'album_id',
    }},
]) }}

-- Long for its counts: what was spoken, in how many titles, and out of how many.

with found as (

    select * from {{ ref('int_album_keywords_found') }}

),

tracks as (

    select * from {{ ref('stg_library__tracks') }}

),

title_counts as (

    select
        album_id,
        count(distinct title) as title_count
    from tracks
    where not {{ is_blank('title') }}
    group by album_id

),

-- a title speaks once for a genre, with its strongest word; so do the words
-- that count in the album title alone, and those of the artists' names
spoken as (

    select
        album_id,
        genre,
        scope,
        case when scope = 'title' then text_key end as text_key,
        max(weight) as weight
    from found
    group by 1, 2, 3, 4

),

totals as (

    select
        album_id,
        genre,
        -- rounded, because the order of a sum of fractions must decide nothing
        {{ rounded('sum(weight)', 4) }} as total,
        max(weight) as strongest
    from spoken
    group by album_id, genre

),

places as (

    select
        album_id,
        genre,
        count(distinct text_key) as place_count
    from found
    group by album_id, genre

),

worded as (

    select * from {{ ref('int_album_keywords_worded') }}

)

select
    totals.album_id,
    totals.genre,
    totals.total,
    totals.strongest,
    places.place_count,
    coalesce(title_counts.title_count, 0) as title_count,
    worded.evidence
from totals
inner join places
    on totals.album_id = places.album_id
    and totals.genre = places.genre
inner join worded
    on totals.album_id = worded.album_id
    and totals.genre = worded.genre
left join title_counts
    on totals.album_id = title_counts.album_id
