with source as (

    select * from {{ source('library', 'artists') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('id', 'bigint') }} as artist_id,
        spotify_id,

        ---------- text
        name
    from source

)

select * from renamed
where artist_id is not null
