{#-
  The CTEs with which a staging model begins: the answers of one source that hold something (`answers`), their items
  one by one (`items`), and per key the item of the newest answer (`newest`: item_key, item, request_key, fetched_at).
  `rows` is the list of items inside `payload`, `key` the item's key; keys compare without case.
-#}
{% macro newest_answers(relation, rows, key) -%}
answers as (

    select
        request_key,
        fetched_at,
        {{ json_or_null('payload') }} as payload
    from {{ relation }}
    where status = 200
        and payload is not null

),

items as (

    {{ unnest_rows('answers', rows, ['request_key', 'fetched_at']) }}

),

keyed as (

    select
        *,
        nullif({{ trimmed('lower(' ~ key ~ ')') }}, '') as item_key
    from items

),

ranked as (

    -- no plain filter on the key: pushed down to the items it would read it out of each of them four times more
    select
        *,
        case when item_key is not null then row_number() over (
            partition by item_key
            order by fetched_at desc, request_key, position
        ) end as newest_first
    from keyed

),

newest as (

    select
        item_key,
        item,
        request_key,
        fetched_at
    from ranked
    where newest_first = 1

)
{%- endmacro %}

{#- The release groups of a MusicBrainz answer: the hits of a search, or the one object of a look-up. -#}
{% macro release_group_rows() -%}
{{ json_rows_or_self('payload', '$."release-groups"') }}
{%- endmacro %}

{#- The artists of a MusicBrainz answer: the hits of a search, or the one object of a look-up. -#}
{% macro artist_rows() -%}
{{ json_rows_or_self('payload', '$.artists') }}
{%- endmacro %}

{#- The release groups of a ListenBrainz answer, which is one object keyed by MBID. -#}
{% macro listenbrainz_rows() -%}
{{ json_entries('payload') }}
{%- endmacro %}

{#- The releases of a Discogs answer: a page of a collection, or one release. -#}
{% macro discogs_rows() -%}
{{ json_rows_inside(json_rows_or_self('payload', '$.releases'), '$.basic_information') }}
{%- endmacro %}

{#- What names one answer: the question and when it came. -#}
{% macro answer_key() -%}
request_key || '|' || coalesce(cast(fetched_at as string), '')
{%- endmacro %}
