-- A returned row means: a genre would be written that is none of the seven categories.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select *
from {{ ref('library_changes') }}
where
    column_name = 'genre'
    and new_value is not null
    and new_value not in (
        'jazz', 'rock', 'classical', 'blues', 'pop', 'electronic', 'world'
    )
