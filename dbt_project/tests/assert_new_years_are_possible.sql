-- A returned row means: a year would be written that no album can have: no number, before 1877 or after next year.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
cross join {{ ref('int_settings_resolved') }} as settings
where
    library_changes.column_name = 'year'
    and library_changes.new_value is not null
    and coalesce(
        {{ try_integer('library_changes.new_value') }}
        not between settings.earliest_year and settings.latest_year,
        true
    )
