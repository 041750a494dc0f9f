-- A returned row means: a row of images that is not Sillon's would be changed or deleted.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('int_images_ours') }} as ours
    on
        library_changes.row_key = {{ row_key('ours.image_id') }}
        and library_changes.old_value = ours.url
where
    library_changes.table_name = 'images'
    and library_changes.action <> 'insert'
    and ours.image_id is null
