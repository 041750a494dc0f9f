-- A returned row means: a row of the library points to a row that is gone.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'integrity_issues'}}}) }}

select *
from {{ ref('integrity_issues') }}
where kind = 'broken_reference'
