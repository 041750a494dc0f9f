{#- The key by which names of acts compare: folded, and without a leading "the". Never empty for a name that holds something. -#}
{% macro act_key(expr) -%}
{{ replace_pattern(fold_text(expr), '^the (.)', '\\1') }}
{%- endmacro %}
