-- A returned row means: a track of the library belongs to no album.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'integrity_issues'}}}) }}

select *
from {{ ref('integrity_issues') }}
where kind = 'orphan_track'
