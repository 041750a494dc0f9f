-- A returned row means: two albums of the library have the same title and artists.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'integrity_issues'}}}) }}

select *
from {{ ref('integrity_issues') }}
where kind = 'duplicate_album' and severity = 'warning'
