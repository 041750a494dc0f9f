-- A returned row means: an album would be left with less than the two acts of its joined artist, or a link would be removed that is not there.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

with removed as (

    select *
    from {{ ref('library_changes') }}
    where table_name = 'album_artist' and action = 'delete'

),

settled as (

    select album_id, count(*) as artists
    from {{ ref('int_album_artists_settled') }}
    group by 1

)

select removed.*
from removed
left join {{ ref('int_album_artists_linked') }} as present
    on removed.row_key = {{ link_key('present.album_id', 'present.artist_id') }}
left join settled
    on removed.album_id = settled.album_id
where
    present.artist_id is null
    or coalesce(settled.artists, 0)
    < case when removed.rule = 'credit_kept_whole' then 1 else 2 end
