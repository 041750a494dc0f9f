with albums as (

    select * from {{ ref('stg_library__albums') }}

),

library_images as (

    select * from {{ ref('stg_library__images') }}

),

covers as (

    select * from {{ ref('int_album_covers_settled') }}

),

kept as (

    select
        library_images.album_id,
        coalesce(covers.url, library_images.url) as url,
        library_images.image_type,
        case
            when covers.image_id is not null then covers.source
            else library_images.source
        end as image_source,
        coalesce(covers.action = 'update', false) as is_new
    from library_images
    inner join albums
        on library_images.album_id = albums.album_id
    left join covers
        on library_images.image_id = covers.image_id
    where coalesce(covers.action, 'keep') <> 'delete'

),

added as (

    select
        album_id,
        url,
        'album' as image_type,
        source as image_source,
        true as is_new
    from covers
    where action = 'insert'

),

album_images as (

    select * from kept
    union
    select * from added

)

select * from album_images
