-- A returned row means: a cover would be inserted for an album that has an image, or that the library does not have.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('stg_library__albums') }} as albums
    on library_changes.album_id = albums.album_id
left join {{ ref('stg_library__images') }} as images
    on library_changes.album_id = images.album_id
where
    library_changes.table_name = 'images'
    and library_changes.action = 'insert'
    and (albums.album_id is null or images.image_id is not null)
