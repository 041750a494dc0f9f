-- A returned row is an album whose match counts as certain although no release group was chosen.

select
    album_id,
    title
from {{ ref('album_matches') }}
where verdict = 'certain'
    and release_group_musicbrainz_id is null
