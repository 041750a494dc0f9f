-- A returned row means: a change lacks the value, the column or the key that its action needs.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select *
from {{ ref('library_changes') }}
where
    action is null
    or table_name is null
    or row_key is null
    or group_id is null
    or feature is null
    or service is null
    or source is null
    or rule is null
    or (action = 'insert' and (new_value is null or column_name is null))
    or (action = 'update' and column_name is null)
    or (action = 'delete' and new_value is not null)
    or (
        action = 'update'
        and coalesce(old_value, '') = coalesce(new_value, '')
    )
    or (table_name = 'albums' and action <> 'update')
    or (
        table_name = 'albums'
        and column_name not in ('year', 'genre', 'ai_description', 'image_url')
    )
    or (table_name = 'artists' and action <> 'insert')
