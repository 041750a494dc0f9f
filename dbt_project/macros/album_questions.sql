{#-
  The questions that one raw table holds answers to, each with the album it was asked for. One row per answer, question and
  album; an answer that says "there is none" (404) counts, for it is one.

  is_numbered: with the number, from 0, by which the answer names the question. It counts what was asked once for several
  albums once, and what was asked for another library of a fleet, whose albums it does not name, as well.
-#}
{% macro album_questions(source_name, table_name, is_numbered=false) -%}
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
        {{ try_integer(json_text('item', '$.album_id'), 'bigint') }} as album_id,

        ---------- text
        request_key,
        '{{ source_name }}' as source,
        {{ json_text('item', '$.question') }} as question,

        ---------- numerics
        status,
        {%- if is_numbered %}
        position,
        {%- endif %}

        ---------- timestamps
        fetched_at
    from asked_items

)
{%- if is_numbered %},

first_places as (

    select
        *,
        min(position) over (partition by request_key, fetched_at, question) as first_position
    from renamed

),

numbered as (

    select
        album_id,
        request_key,
        source,
        question,
        status,
        dense_rank() over (partition by request_key, fetched_at order by first_position) - 1 as asked_number,
        fetched_at
    from first_places

)
{%- endif %}

select * from {{ 'numbered' if is_numbered else 'renamed' }}
where album_id is not null
    and question is not null
{%- endmacro %}
