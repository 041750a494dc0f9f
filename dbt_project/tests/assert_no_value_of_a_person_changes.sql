-- A returned row means: a value that Sillon did not write would be replaced or emptied.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('int_values_ours') }} as ours
    on
        library_changes.album_id = ours.album_id
        and library_changes.column_name = ours.column_name
        and library_changes.old_value = ours.value
where
    library_changes.table_name = 'albums'
    and not {{ is_blank('library_changes.old_value') }}
    and ours.album_id is null
