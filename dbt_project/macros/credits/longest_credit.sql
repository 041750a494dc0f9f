{#- A name longer than this (characters) is no credit that rules can read; the longest real one met has 190. -#}
{% macro longest_credit() -%}
400
{%- endmacro %}
