-- A returned row means: a cover of the Cover Art Archive would be written for an album whose match is not certain.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('int_albums_matched') }} as matched
    on
        library_changes.album_id = matched.album_id
        and matched.verdict = 'certain'
        and library_changes.evidence_url
        = {{ release_group_page('matched.release_group_musicbrainz_id') }}
where
    library_changes.source = 'cover_art_archive'
    and library_changes.new_value is not null
    and library_changes.rule = 'cover_of_release_group'
    and library_changes.fetched_at is not null
    and matched.album_id is null
