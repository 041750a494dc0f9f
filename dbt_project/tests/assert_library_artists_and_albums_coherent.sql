-- A returned row means: an artist of the library is no single act or is there in two spellings, or an album is by nobody.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'integrity_issues'}}}) }}

select *
from {{ ref('integrity_issues') }}
where kind in (
    'malformed_artist', 'duplicate_artist', 'album_without_artist',
    'album_without_title', 'impossible_year'
)
