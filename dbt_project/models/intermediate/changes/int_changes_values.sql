with facts as (

    select * from {{ ref('int_album_facts_settled') }}

),

texts as (

    select * from {{ ref('int_album_texts_settled') }}

),

settled as (

    select * from facts
    union all
    select * from texts

),

changes as (

    select
        'update' as action,
        'albums' as table_name,
        '{"id":' || cast(album_id as string) || '}' as row_key,
        column_name,
        live_value as old_value,
        settled_value as new_value,
        album_id,
        feature,
        service,
        source,
        evidence_url,
        fetched_at,
        confidence,
        runner_up,
        rule,
        cast(null as string) as group_id
    from settled
    where action in ('write', 'empty')

)

select * from changes
