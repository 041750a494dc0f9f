-- What each album has before and after tonight; null where it has nothing.
with albums as (

    select * from {{ ref('stg_library__albums') }}

),

pictured as (

    select album_id, count(*) as images
    from {{ ref('stg_library__images') }}
    where album_id is not null
    group by 1

),

covers as (

    select * from {{ ref('int_album_covers_settled') }}

),

facts as (

    select * from {{ ref('int_album_facts_settled') }}
    union all
    select * from {{ ref('int_album_texts_settled') }}

),

settled as (

    select
        album_id,
        max(case when field = 'year' then settled_value end) as year,
        max(case when field = 'genre' then settled_value end) as genre,
        max(case when field = 'description' then settled_value end)
            as description
    from facts
    group by 1

),

complete as (

    select
        albums.album_id,
        pictured.album_id as image_before,
        case
            when covers.action = 'insert' then albums.album_id
            when covers.action = 'delete' and pictured.images = 1 then null
            else pictured.album_id
        end as image_after,
        {{ none_if_blank('albums.genre') }} as genre_before,
        settled.genre as genre_after,
        {{ none_if_blank('albums.year_text') }} as year_before,
        settled.year as year_after,
        {{ none_if_blank('albums.description') }} as description_before,
        settled.description as description_after
    from albums
    left join pictured
        on albums.album_id = pictured.album_id
    left join covers
        on albums.album_id = covers.album_id
    left join settled
        on albums.album_id = settled.album_id

)

select * from complete
