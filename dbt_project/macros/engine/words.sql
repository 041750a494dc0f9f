{#- Words in their order, for looking phrases up by equality: a hash join, never a pattern per phrase. -#}

{#- `count` words of a list from a position on (1 = first), joined by blanks. -#}
{% macro word_run(words, position, count) %}{{ return(adapter.dispatch('word_run', 'sillon')(words, position, count)) }}{% endmacro %}
{% macro duckdb__word_run(words, position, count) -%}
array_to_string(list_slice({{ words }}, {{ position }}, {{ position }} + {{ count }} - 1), ' ')
{%- endmacro %}
{#- Spark fails at a position below 1. -#}
{% macro spark__word_run(words, position, count) -%}
array_join(slice({{ words }}, greatest({{ position }}, 1), {{ count }}), ' ')
{%- endmacro %}

{#- Every word of a list, then every two neighbours: what a phrase can begin with. -#}
{% macro word_beginnings(words) %}{{ return(adapter.dispatch('word_beginnings', 'sillon')(words)) }}{% endmacro %}
{% macro duckdb__word_beginnings(words) -%}
list_concat(
    {{ words }},
    list_transform(
        range(1, len({{ words }})),
        lambda position: {{ words }}[position] || ' ' || {{ words }}[position + 1]
    )
)
{%- endmacro %}
{% macro spark__word_beginnings(words) -%}
concat(
    {{ words }},
    transform(
        slice({{ words }}, 1, greatest(size({{ words }}) - 1, 0)),
        (word, index) -> word || ' ' || get({{ words }}, index + 1)
    )
)
{%- endmacro %}

{#- A folded text with every number written as "#", so that one phrase stands for "op 1" to "op 999". -#}
{% macro numbers_signed(expr) -%}
{{ replace_pattern(expr, '[0-9]+', ' # ') }}
{%- endmacro %}

{#- The rows of a group as a list of structs with these columns, in the order of the first of them, which no two share. -#}
{% macro ordered_rows(columns) %}{{ return(adapter.dispatch('ordered_rows', 'sillon')(columns)) }}{% endmacro %}
{% macro duckdb__ordered_rows(columns) -%}
list({
        {%- for column in columns %}'{{ column }}': {{ column }}{{ ', ' if not loop.last }}{% endfor -%}
    } order by {{ columns[0] }})
{%- endmacro %}
{% macro spark__ordered_rows(columns) -%}
sort_array(collect_list(struct({{ columns | join(', ') }})))
{%- endmacro %}

{#- One field of those rows of such a list for which a condition on `item` holds, joined by blanks; null where none does. -#}
{% macro joined_rows(rows, field, condition, is_sorted=false) %}{{ return(adapter.dispatch('joined_rows', 'sillon')(rows, field, condition, is_sorted)) }}{% endmacro %}
{% macro duckdb__joined_rows(rows, field, condition, is_sorted) -%}
nullif(array_to_string({{ 'list_sort(' if is_sorted }}list_transform(
            list_filter({{ rows }}, lambda item: {{ condition }}), lambda item: item.{{ field }}
        ){{ ')' if is_sorted }}, ' '), '')
{%- endmacro %}
{% macro spark__joined_rows(rows, field, condition, is_sorted) -%}
nullif(array_join({{ 'array_sort(' if is_sorted }}transform(
            filter({{ rows }}, item -> {{ condition }}), item -> item.{{ field }}
        ){{ ')' if is_sorted }}, ' '), '')
{%- endmacro %}
