{#- A text as a JSON string with its quotes, for keys such as {"name":"AC/DC"}. -#}
{% macro json_quote(expr) %}{{ return(adapter.dispatch('json_quote', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__json_quote(expr) -%}
cast(to_json(cast({{ expr }} as varchar)) as varchar)
{%- endmacro %}
{% macro spark__json_quote(expr) -%}
to_json(cast(cast({{ expr }} as string) as variant))
{%- endmacro %}
