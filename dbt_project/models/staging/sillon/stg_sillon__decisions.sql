with source as (

    select * from {{ source('sillon', 'decisions') }}

),

renamed as (

    select
        ---------- ids
        try_cast(album_id as bigint) as album_id,

        ---------- text
        nullif({{ trimmed('artist') }}, '') as artist,
        lower({{ trimmed('field') }}) as field,
        lower({{ trimmed('decision') }}) as decision,
        nullif({{ trimmed('value') }}, '') as value,
        coalesce(lower({{ trimmed('origin') }}), 'file') as origin,

        ---------- timestamps
        decided_at
    from source
    where decision is not null

)

select * from renamed
