{#-
  The questions that one raw table holds answers to, each with the album it was asked for and its place among those that
  shared the request. One row per answer, question and album; an answer that says "there is none" (404) counts, for it is one.
-#}
{% macro album_questions(source_name, table_name) -%}
with source as (

    select
        request_key,
        status,
        fetched_at,
        {{ json_or_null('asked') }} as asked
    from {{ source(source_name, table_name) }}

),

asked_items as (

    {{ unnest_rows('source', json_rows('asked'), ['request_key', 'status', 'fetched_at']) }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer(json_text('item', '$.album_id')) }} as album_id,

        ---------- text
        request_key,
        '{{ source_name }}' as source,
        {{ json_text('item', '$.question') }} as question,

        ---------- numerics
        status,
        cast(position as integer) as position,

        ---------- timestamps
        fetched_at
    from asked_items

)

select * from renamed
where album_id is not null
    and question is not null
{%- endmacro %}
