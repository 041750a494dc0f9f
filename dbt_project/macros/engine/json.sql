{#-
  Access to answers kept as JSON text. An answer may be malformed or of another shape than expected: every macro here
  gives null or no rows then, and never fails. Paths are JSON paths such as $.title or $."artist-credit".
  DuckDB keeps JSON as its text; on Spark it is a VARIANT, parsed once, whose keys lose their order.
-#}

{#- The text as JSON, or null where it is none. -#}
{% macro json_or_null(expr) %}{{ return(adapter.dispatch('json_or_null', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__json_or_null(expr) -%}
try_cast({{ expr }} as json)
{%- endmacro %}
{#- Spark takes an answer with something behind it for whole: between brackets it is malformed, or a list of two. -#}
{% macro spark__json_or_null(expr) -%}
{%- set listed = "try_parse_json('[' || " ~ expr ~ " || ']')" -%}
case when try_variant_get({{ listed }}, '$[1]', 'variant') is null then try_variant_get({{ listed }}, '$[0]', 'variant') end
{%- endmacro %}
{#- What stands at a path, as a type; null where it is of another one. Spark writes $."a-b" as $["a-b"]. -#}
{% macro spark__json_as(expr, path, type) -%}
try_variant_get({{ expr }}, '{{ modules.re.sub('[.]("[^"]+")', '[\\1]', path) }}', '{{ type }}')
{%- endmacro %}

{#- The text, number or boolean at a path, as text; null for an object, a list, JSON's null or nothing. -#}
{% macro json_text(expr, path) %}{{ return(adapter.dispatch('json_text', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_text(expr, path) -%}
case when json_type({{ expr }}, '{{ path }}') not in ('OBJECT', 'ARRAY')
    then replace(json_extract_string({{ expr }}, '{{ path }}'), chr(0), '') end
{%- endmacro %}
{% macro spark__json_text(expr, path) -%}
case when {{ spark__json_as(expr, path, 'array<variant>') }} is null and not {{ spark__json_is_object(expr, path) }}
    then replace({{ spark__json_as(expr, path, 'string') }}, chr(0), '') end
{%- endmacro %}

{#- Whatever stands at a path, as JSON. -#}
{% macro json_part(expr, path) %}{{ return(adapter.dispatch('json_part', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_part(expr, path) -%}
json_extract({{ expr }}, '{{ path }}')
{%- endmacro %}
{% macro spark__json_part(expr, path) -%}
{{ spark__json_as(expr, path, 'variant') }}
{%- endmacro %}

{#- The items of the list at a path, each as JSON. A lone object is a list of one; anything else is an empty list. -#}
{% macro json_rows(expr, path='$') %}{{ return(adapter.dispatch('json_rows', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_rows(expr, path) -%}
coalesce(
    {{ duckdb__json_list(expr, path) }},
    case
        when json_type({{ expr }}, '{{ path }}') = 'OBJECT' then [json_extract({{ expr }}, '{{ path }}')]
        else cast([] as json[])
    end
)
{%- endmacro %}

{#- The list at a path, null where there is none. An answer is parsed once for it: to ask for its type first parses it twice,
    and holds twice as much, for 2,048 answers of 60 kB are parsed at a time. What stands twice in one expression is evaluated
    beforehand, for every row: so in these macros nothing does. -#}
{% macro duckdb__json_list(expr, path) -%}
{%- set shape = namespace(text='["JSON"]', steps='') -%}
{%- for step in path.split('.')[1:] | reverse -%}
    {%- set shape.text = '{"' ~ step.strip('"') ~ '": ' ~ shape.text ~ '}' -%}
    {%- set shape.steps = "['" ~ step.strip('"') ~ "']" ~ shape.steps -%}
{%- endfor -%}
from_json({{ expr }}, '{{ shape.text }}'){{ shape.steps }}
{%- endmacro %}
{% macro spark__json_rows(expr, path) -%}
coalesce(
    {{ spark__json_as(expr, path, 'array<variant>') }},
    case when {{ spark__json_is_object(expr, path) }} then array({{ spark__json_part(expr, path) }}) end,
    cast(array() as array<variant>)
)
{%- endmacro %}

{#- The items of the list at a path, or the whole as a list of one where the path holds nothing. -#}
{% macro json_rows_or_self(expr, path) %}{{ return(adapter.dispatch('json_rows_or_self', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_rows_or_self(expr, path) -%}
coalesce(
    {{ duckdb__json_list(expr, path) }},
    case when json_type({{ expr }}, '{{ path }}') = 'OBJECT' then [json_extract({{ expr }}, '{{ path }}')] end,
    case when json_exists({{ expr }}, '{{ path }}') then cast([] as json[]) end,
    {{ duckdb__json_rows(expr, '$') }}
)
{%- endmacro %}
{% macro spark__json_rows_or_self(expr, path) -%}
case when {{ spark__json_part(expr, path) }} is not null
    then {{ spark__json_rows(expr, path) }}
    else {{ spark__json_rows(expr, '$') }}
end
{%- endmacro %}

{#- Every item of a list replaced by what stands at a path inside it, where something does. -#}
{% macro json_rows_inside(rows, path) %}{{ return(adapter.dispatch('json_rows_inside', 'sillon')(rows, path)) }}{% endmacro %}
{% macro duckdb__json_rows_inside(rows, path) -%}
list_transform({{ rows }}, lambda item: coalesce(json_extract(item, '{{ path }}'), item))
{%- endmacro %}
{% macro spark__json_rows_inside(rows, path) -%}
transform({{ rows }}, item -> coalesce({{ spark__json_part('item', path) }}, item))
{%- endmacro %}

{#- True where a list stands at a path. -#}
{% macro json_is_list(expr, path) %}{{ return(adapter.dispatch('json_is_list', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_is_list(expr, path) -%}
coalesce(json_type({{ expr }}, '{{ path }}') = 'ARRAY', false)
{%- endmacro %}
{% macro spark__json_is_list(expr, path) -%}
({{ spark__json_as(expr, path, 'array<variant>') }} is not null)
{%- endmacro %}

{% macro json_is_object(expr, path) %}{{ return(adapter.dispatch('json_is_object', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_is_object(expr, path) -%}
coalesce(json_type({{ expr }}, '{{ path }}') = 'OBJECT', false)
{%- endmacro %}
{% macro spark__json_is_object(expr, path) -%}
({{ spark__json_as(expr, path, 'map<string, variant>') }} is not null)
{%- endmacro %}

{#- The texts at a path inside every item of a list, joined by ", ". -#}
{% macro json_joined(rows, path) %}{{ return(adapter.dispatch('json_joined', 'sillon')(rows, path)) }}{% endmacro %}
{% macro duckdb__json_joined(rows, path) -%}
nullif(array_to_string(list_transform({{ rows }}, lambda item: item ->> '{{ path }}'), ', '), '')
{%- endmacro %}
{% macro spark__json_joined(rows, path) -%}
nullif(array_join(transform({{ rows }}, item -> {{ spark__json_as('item', path, 'string') }}), ', '), '')
{%- endmacro %}

{#- The text at a path inside the first item of a list. -#}
{% macro json_first(rows, path) %}{{ return(adapter.dispatch('json_first', 'sillon')(rows, path)) }}{% endmacro %}
{% macro duckdb__json_first(rows, path) -%}
({{ rows }})[1] ->> '{{ path }}'
{%- endmacro %}
{% macro spark__json_first(rows, path) -%}
{{ spark__json_as('get(' ~ rows ~ ', 0)', path, 'string') }}
{%- endmacro %}

{#- The texts of the list at a path; items that are no text are left out. -#}
{% macro json_texts(expr, path) %}{{ return(adapter.dispatch('json_texts', 'sillon')(expr, path)) }}{% endmacro %}
{% macro duckdb__json_texts(expr, path) -%}
list_transform(
    list_filter({{ duckdb__json_rows(expr, path) }}, lambda item: json_type(item) = 'VARCHAR'),
    lambda item: json_extract_string(item, '$')
)
{%- endmacro %}
{% macro spark__json_texts(expr, path) -%}
transform(
    filter({{ spark__json_rows(expr, path) }}, item -> schema_of_variant(item) = 'STRING'),
    item -> {{ spark__json_as('item', '$', 'string') }}
)
{%- endmacro %}

{#- The values of an object, each as {"key": ..., "value": ...}; empty for anything else. -#}
{% macro json_entries(expr) %}{{ return(adapter.dispatch('json_entries', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__json_entries(expr) -%}
list_transform(
    list_filter(
        try(map_entries(from_json({{ expr }}, '"MAP(VARCHAR, JSON)"'))),
        lambda entry: regexp_full_match(entry.key, '[0-9A-Za-z_-]+')
    ),
    lambda entry: json_object('key', entry.key, 'value', entry.value)
)
{%- endmacro %}
{% macro spark__json_entries(expr) -%}
transform(
    filter(map_entries({{ spark__json_as(expr, '$', 'map<string, variant>') }}), entry -> rlike(entry.key, '^[0-9A-Za-z_-]+$')),
    entry -> to_variant_object(named_struct('key', entry.key, 'value', entry.value))
)
{%- endmacro %}

{#- One row per item of a list: the columns to keep, the item and its position (1 = first). -#}
{% macro unnest_rows(relation, rows, keep=[], item='item') %}{{ return(adapter.dispatch('unnest_rows', 'sillon')(relation, rows, keep, item)) }}{% endmacro %}
{% macro duckdb__unnest_rows(relation, rows, keep, item) -%}
select
        {% for column in keep %}{{ column.split(' as ')[-1] }},
        {% endfor -%}
        unnest(listed_rows) as {{ item }},
        generate_subscripts(listed_rows, 1) as position
    from (
        {#- the list is made once and then read twice: made in both places an answer was parsed twice as often -#}
        {{ '' }}
        select
            {% for column in keep %}{{ column }},
            {% endfor -%}
            {{ rows }} as listed_rows
        from {{ relation }}
    ) as listed
{%- endmacro %}
{% macro spark__unnest_rows(relation, rows, keep, item) -%}
select
        {% for column in keep %}{{ column.split(' as ')[-1] }},
        {% endfor -%}
        {{ item }},
        position_before + 1 as position
    from (
        select
            {% for column in keep %}{{ column }},
            {% endfor -%}
            {{ rows }} as listed_rows
        from {{ relation }}
    ) as listed
    lateral view posexplode(listed_rows) as position_before, {{ item }}
{%- endmacro %}

{#- The display string of an artist credit: every name as credited, followed by its join phrase. -#}
{% macro credit_text(rows) %}{{ return(adapter.dispatch('credit_text', 'sillon')(rows)) }}{% endmacro %}
{% macro duckdb__credit_text(rows) -%}
nullif(trim(array_to_string(list_transform(
    {{ rows }},
    lambda credit: coalesce(credit ->> '$.name', credit ->> '$.artist.name', '')
        || coalesce(credit ->> '$.joinphrase', credit ->> '$."join-phrase"', '')
), '')), '')
{%- endmacro %}
{% macro spark__credit_text(rows) -%}
nullif({{ spark__trimmed("array_join(transform(" ~ rows ~ ", credit -> "
    ~ "coalesce(" ~ spark__json_as('credit', '$.name', 'string') ~ ", " ~ spark__json_as('credit', '$.artist.name', 'string') ~ ", '')"
    ~ " || coalesce(" ~ spark__json_as('credit', '$.joinphrase', 'string') ~ ", "
    ~ spark__json_as('credit', '$."join-phrase"', 'string') ~ ", '')"
    ~ "), '')") }}, '')
{%- endmacro %}

{#- The address of the primary image of a Discogs release, else of its first one; null where it has none. -#}
{% macro primary_image(expr) %}{{ return(adapter.dispatch('primary_image', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__primary_image(expr) -%}
coalesce(
    list_filter(
        {{ duckdb__json_rows(expr, '$.images') }},
        lambda image: (image ->> '$.type') = 'primary' and coalesce(image ->> '$.uri', '') <> ''
    )[1] ->> '$.uri',
    nullif({{ duckdb__json_rows(expr, '$.images') }}[1] ->> '$.uri', '')
)
{%- endmacro %}
{% macro spark__primary_image(expr) -%}
{%- set images = spark__json_rows(expr, '$.images') -%}
coalesce(
    {{ spark__json_as(
        "get(filter(" ~ images ~ ", image -> " ~ spark__json_as('image', '$.type', 'string') ~ " = 'primary' and coalesce("
        ~ spark__json_as('image', '$.uri', 'string') ~ ", '') <> ''), 0)", '$.uri', 'string'
    ) }},
    nullif({{ spark__json_first(images, '$.uri') }}, '')
)
{%- endmacro %}
