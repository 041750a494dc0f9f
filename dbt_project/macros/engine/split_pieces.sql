{#- A text cut at every separator, as a list; two separators side by side leave an empty piece. -#}
{% macro split_pieces(expr, separator=' ') %}{{ return(adapter.dispatch('split_pieces', 'sillon')(expr, separator)) }}{% endmacro %}
{% macro duckdb__split_pieces(expr, separator) -%}
string_split({{ expr }}, '{{ separator }}')
{%- endmacro %}
{% macro spark__split_pieces(expr, separator) -%}
split({{ expr }}, '[{{ separator }}]')
{%- endmacro %}
