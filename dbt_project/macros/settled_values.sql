{#
  The CTEs that settle values of albums: `settled` holds, for every row of `live` (album_id, field, column_name, value),
  what becomes of it against `proposed` (album_id, field, value and where it comes from): action write, empty or keep,
  and settled_value, the value after tonight.
#}
{% macro settled_values(live, proposed) -%}
ours as (

    select * from {{ ref('int_values_ours') }}

),

judged as (

    select * from {{ ref('int_album_evidence_judged') }}

),

free as (

    select * from {{ ref('int_album_fields_free') }}

),

gathered as (

    select
        {{ live }}.album_id,
        {{ live }}.field,
        {{ live }}.column_name,
        {{ live }}.value as live_value,
        {{ proposed }}.value as proposed_value,
        coalesce({{ proposed }}.source, ours.source) as source,
        coalesce({{ proposed }}.rule, ours.rule) as rule,
        {{ proposed }}.confidence,
        coalesce({{ proposed }}.evidence_url, ours.evidence_url)
            as evidence_url,
        {{ proposed }}.fetched_at,
        {{ proposed }}.runner_up,
        free.feature,
        free.service,
        free.is_free,
        ours.album_id is not null as is_ours,
        ours.source as own_source,
        -- what rests on the library alone can always be judged
        ours.evidence_url is null or judged.album_id is not null as is_judged
    from {{ live }}
    inner join free
        on
            {{ live }}.album_id = free.album_id
            and {{ live }}.field = free.field
    left join {{ proposed }}
        on
            {{ live }}.album_id = {{ proposed }}.album_id
            and {{ live }}.field = {{ proposed }}.field
    left join ours
        on
            {{ live }}.album_id = ours.album_id
            and {{ live }}.column_name = ours.column_name
    left join judged
        on
            ours.album_id = judged.album_id
            and ours.evidence_url = judged.evidence_url

),

decided as (

    select
        *,
        {{ settled_action(
            'live_value', 'proposed_value', 'is_free', 'is_ours', 'is_judged'
        ) }} as action
    from gathered

),

settled as (

    select
        *,
        case action
            when 'write' then proposed_value
            when 'keep'
                then case when not {{ is_blank('live_value') }} then live_value end
        end as settled_value,
        case
            when action = 'write' then source
            when action = 'keep' and not {{ is_blank('live_value') }}
                then coalesce(own_source, 'library')
        end as settled_source
    from decided

)
{%- endmacro %}
