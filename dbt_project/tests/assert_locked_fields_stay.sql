-- A returned row means: a field would change that the person locked, undid or edited.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

with changes as (

    select
        *,
        case
            when table_name = 'album_artist' then 'artists'
            when table_name = 'images' then 'image'
            when column_name = 'ai_description' then 'description'
            else column_name
        end as field
    from {{ ref('library_changes') }}

)

select changes.*
from changes
inner join {{ ref('int_fields_locked') }} as locked
    on
        changes.album_id = locked.album_id
        and changes.field = locked.field
