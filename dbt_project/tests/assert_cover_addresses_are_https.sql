-- A returned row means: a cover's address would be written that is not https, not of a source of covers, or longer than the column.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select *
from {{ ref('library_changes') }}
where
    (table_name = 'images' or column_name = 'image_url')
    and new_value is not null
    and (
        not {{ matches_pattern('new_value', '^https://[^\\s<>"]+$') }}
        or length(new_value) > 1000
        or source not in ('decision', 'cover_art_archive', 'discogs', 'spotify')
    )
