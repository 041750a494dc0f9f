with source as (

    select * from {{ source('sillon', 'applied_changes') }}

),

renamed as (

    select
        ---------- ids
        entry_id,
        run_id,
        change_id,
        group_id,
        undoes as undoes_entry_id,
        try_cast(album_id as bigint) as album_id,

        ---------- text
        target,
        target_path,
        action,
        table_name,
        row_key,
        column_name,
        old_value,
        old_type,
        new_value,
        new_type,
        row_before,
        row_after,
        feature,
        source,
        rule,
        evidence_url,
        state,
        reason,

        ---------- numerics
        confidence,

        ---------- timestamps
        fetched_at,
        applied_at
    from source

)

select * from renamed
