{% set columns = [
    'action', 'table_name', 'row_key', 'column_name', 'old_value', 'new_value',
    'album_id', 'feature', 'service', 'source', 'evidence_url', 'fetched_at',
    'confidence', 'runner_up', 'rule', 'group_id',
] %}
with changes_of_values as (

    select {{ columns | join(', ') }} from {{ ref('int_changes_values') }}

),

changes_of_images as (

    select {{ columns | join(', ') }} from {{ ref('int_changes_images') }}

),

changes_of_credits as (

    select {{ columns | join(', ') }} from {{ ref('int_changes_credits') }}

),

together as (

    select * from changes_of_values
    union all
    select * from changes_of_images
    union all
    select * from changes_of_credits

),

named as (

    select
        *,
        {{ hash_text(
            "action || '|' || table_name || '|' || row_key || '|'"
            " || coalesce(column_name, '') || '|' || coalesce(new_value, '')"
        ) }} as change_id
    from together

),

library_changes as (

    select
        change_id,
        coalesce(group_id, change_id) as group_id,
        action,
        table_name,
        row_key,
        column_name,
        old_value,
        new_value,
        album_id,
        feature,
        service,
        source,
        evidence_url,
        fetched_at,
        cast(confidence as double) as confidence,
        runner_up,
        rule
    from named

)

select * from library_changes
