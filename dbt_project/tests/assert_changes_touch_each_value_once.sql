-- A returned row means: one value of the library would be written twice, and the order would decide.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select
    table_name,
    row_key,
    column_name,
    count(*) as changes
from {{ ref('library_changes') }}
group by 1, 2, 3
having count(*) > 1
