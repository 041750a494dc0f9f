with decisions as (

    select * from {{ ref('stg_sillon__decisions') }}

),

accepting as (

    select
        album_id,
        case field when 'cover' then 'image' else field end as field,
        case field when 'genre' then lower(value) else value end as value,
        decided_at
    from decisions
    where
        decision = 'accept'
        and field in ('year', 'genre', 'image', 'cover')
        and album_id is not null
        and value is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by album_id, field
            order by decided_at desc nulls last, value
        ) as newest_first
    from accepting

),

-- with the columns of a proposed value: it goes before what any source says
accepted as (

    select
        album_id,
        field,
        value,
        'decision' as source,
        'decided' as rule,
        cast(1 as double) as confidence,
        cast(null as string) as evidence_url,
        cast(null as timestamp) as fetched_at,
        cast(null as string) as runner_up,
        decided_at
    from ranked
    where newest_first = 1

)

select * from accepted
