{#- A name longer than this (characters) is no credit that rules can read; the longest of 935 labelled ones has 131. -#}
{% macro longest_credit() -%}
400
{%- endmacro %}
