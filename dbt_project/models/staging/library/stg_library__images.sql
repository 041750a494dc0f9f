with source as (

    select * from {{ source('library', 'images') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('id', 'bigint') }} as image_id,
        {{ try_integer('artist_id', 'bigint') }} as artist_id,
        {{ try_integer('album_id', 'bigint') }} as album_id,

        ---------- text
        url,
        image_type,
        source
    from source

)

select * from renamed
where image_id is not null
