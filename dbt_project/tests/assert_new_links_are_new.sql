-- A returned row means: a link between album and artist would be inserted that is there already, or to an artist that neither exists nor is inserted tonight.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

with inserted as (

    select new_value as name
    from {{ ref('library_changes') }}
    where table_name = 'artists'

)

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('int_album_artists_linked') }} as linked
    on
        library_changes.album_id = linked.album_id
        and library_changes.new_value = linked.name
left join {{ ref('stg_library__artists') }} as artists
    on library_changes.new_value = artists.name
left join inserted
    on library_changes.new_value = inserted.name
where
    library_changes.table_name = 'album_artist'
    and library_changes.action = 'insert'
    and (
        linked.artist_id is not null
        or (artists.artist_id is null and inserted.name is null)
    )
