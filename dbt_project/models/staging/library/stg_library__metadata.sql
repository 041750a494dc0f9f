with source as (

    select * from {{ source('library', 'metadata') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('id', 'bigint') }} as metadata_id,
        {{ try_integer('album_id', 'bigint') }} as album_id,

        ---------- text
        labels,
        film_title,

        ---------- numerics
        {{ try_integer('film_year') }} as film_year
    from source

)

select * from renamed
where metadata_id is not null
