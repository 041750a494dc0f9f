with source as (

    select * from {{ source('library', 'listening_history') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('id', 'bigint') }} as scrobble_id,
        {{ try_integer('track_id', 'bigint') }} as track_id,

        ---------- text
        date,
        source,

        ---------- numerics
        {{ try_integer('timestamp', 'bigint') }} as played_at_epoch
    from source

)

select * from renamed
where scrobble_id is not null
