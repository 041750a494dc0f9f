with source as (

    select * from {{ source('sillon', 'settings') }}

),

renamed as (

    select
        ---------- text
        lower({{ trimmed('name') }}) as name,
        value
    from source
    where name is not null

)

select * from renamed
