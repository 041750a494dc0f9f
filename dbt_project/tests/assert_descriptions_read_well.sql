-- A returned row means: a description would be written that is empty, too long, on several lines or with a gap in it.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select *
from {{ ref('library_changes') }}
where
    column_name = 'ai_description'
    and new_value is not null
    and (
        {{ is_blank('new_value') }}
        or length(new_value) > 2000
        or new_value like '%  %'
        or {{ matches_pattern('new_value', '[\\x00-\\x1f]') }}
    )
