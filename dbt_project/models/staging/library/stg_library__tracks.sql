with source as (

    select * from {{ source('library', 'tracks') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('id', 'bigint') }} as track_id,
        {{ try_integer('album_id', 'bigint') }} as album_id,

        ---------- text
        title,

        ---------- numerics
        {{ try_integer('track_number') }} as track_number,
        {{ try_integer('duration_seconds') }} as duration_seconds
    from source

)

select * from renamed
where track_id is not null
