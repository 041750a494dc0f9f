{# The text, or null where it is empty or white space only. #}
{% macro none_if_blank(expr) -%}
    case when not {{ is_blank(expr) }} then {{ expr }} end
{%- endmacro %}
