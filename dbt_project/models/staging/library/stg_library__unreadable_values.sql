with source as (

    select * from {{ source('library', 'unreadable_values') }}

),

renamed as (

    select
        ---------- text
        table_name,
        row_key,
        column_name,
        kind,
        detail
    from source

)

select * from renamed
