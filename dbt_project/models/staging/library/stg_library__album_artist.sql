with source as (

    select * from {{ source('library', 'album_artist') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('album_id', 'bigint') }} as album_id,
        {{ try_integer('artist_id', 'bigint') }} as artist_id
    from source

)

select * from renamed
where album_id is not null
    and artist_id is not null
