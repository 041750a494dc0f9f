-- A returned row means: an artist would be inserted without a name, with a name that is there already, or too long for the column.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('stg_library__artists') }} as artists
    on library_changes.new_value = artists.name
where
    library_changes.table_name = 'artists'
    and (
        {{ is_blank('library_changes.new_value') }}
        or library_changes.new_value <> {{ trimmed('library_changes.new_value') }}
        or length(library_changes.new_value) > 255
        or artists.artist_id is not null
    )
