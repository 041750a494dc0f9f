with source as (

    select * from {{ source('sillon', 'runs') }}

),

renamed as (

    select
        ---------- ids
        run_id,

        ---------- text
        kind,
        job,
        status,
        version,
        library_path,
        target,
        output_path,

        ---------- numerics
        score_before,
        score_after,

        ---------- booleans
        is_full,

        ---------- dates
        local_date,

        ---------- timestamps
        started_at,
        finished_at
    from source

)

select * from renamed
