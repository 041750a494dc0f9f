-- A returned row means: a scrobble of the library has no track, or is there twice.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'integrity_issues'}}}) }}

select *
from {{ ref('integrity_issues') }}
where kind in ('orphan_scrobble', 'duplicate_scrobble')
