-- A returned row means: a change would be made whose feature or service is off.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'library_changes'}}}) }}

select library_changes.*
from {{ ref('library_changes') }} as library_changes
left join {{ ref('int_features_enabled') }} as features
    on
        library_changes.feature = features.feature
        and library_changes.service = features.service
        and features.is_enabled
where features.feature is null
