with source as (

    select * from {{ source('sillon', 'decisions') }}

),

renamed as (

    select
        ---------- ids
        try_cast(album_id as bigint) as album_id,

        ---------- text
        nullif(trim(artist), '') as artist,
        lower(trim(field)) as field,
        lower(trim(decision)) as decision,
        nullif(trim(value), '') as value,
        coalesce(lower(trim(origin)), 'file') as origin,

        ---------- timestamps
        decided_at
    from source
    where decision is not null

)

select * from renamed
