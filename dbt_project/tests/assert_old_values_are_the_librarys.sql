-- A returned row means: a change starts from a value that the library does not hold, or from an album that it does not have.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

with live as (

    select album_id, 'year' as column_name, year_text as value
    from {{ ref('stg_library__albums') }}
    union all
    select album_id, 'genre', genre from {{ ref('stg_library__albums') }}
    union all
    select album_id, 'ai_description', description
    from {{ ref('stg_library__albums') }}
    union all
    select album_id, 'image_url', image_url
    from {{ ref('stg_library__albums') }}

)

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join live
    on
        library_changes.album_id = live.album_id
        and library_changes.column_name = live.column_name
where
    library_changes.table_name = 'albums'
    and (
        live.album_id is null
        or live.value is distinct from library_changes.old_value
        or library_changes.row_key <> {{ row_key('live.album_id') }}
    )
