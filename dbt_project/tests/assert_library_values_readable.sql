-- A returned row means: a row of the library has a key or a value that cannot be used.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'integrity_issues'}}}) }}

select *
from {{ ref('integrity_issues') }}
where kind in ('unreadable_value', 'unusable_id')
