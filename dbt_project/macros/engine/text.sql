{#- Text functions that each engine writes in its own way. Similarities are shares from 0 to 1, rounded to 4 places. -#}

{% macro fold_text(expr) %}{{ return(adapter.dispatch('fold_text', 'sillon')(expr)) }}{% endmacro %}

{#- The words of a folded text, as a list; of null, an empty list. -#}
{% macro split_words(expr) %}{{ return(adapter.dispatch('split_words', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__split_words(expr) -%}
list_filter(string_split(coalesce({{ expr }}, ''), ' '), lambda word: word <> '')
{%- endmacro %}

{#- Levenshtein ratio of two texts: 1 = equal, 0 = nothing shared. Null where one is null. -#}
{% macro similarity(left, right) %}{{ return(adapter.dispatch('similarity', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__similarity(left, right) -%}
round(
    1 - levenshtein({{ left }}, {{ right }}) * 1.0
    / greatest(length({{ left }}), length({{ right }}), 1), 4
)
{%- endmacro %}

{#- Share of the distinct words of two lists that both hold: 1 = the same words, in any order. -#}
{% macro token_overlap(left, right) %}{{ return(adapter.dispatch('token_overlap', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__token_overlap(left, right) -%}
round(
    len(list_intersect({{ left }}, {{ right }})) * 1.0
    / greatest(len(list_distinct(list_concat({{ left }}, {{ right }}))), 1), 4
)
{%- endmacro %}

{#- True where both lists hold the same distinct words. -#}
{% macro same_words(left, right) %}{{ return(adapter.dispatch('same_words', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__same_words(left, right) -%}
(list_sort(list_distinct({{ left }})) = list_sort(list_distinct({{ right }})))
{%- endmacro %}

{% macro list_size(expr) %}{{ return(adapter.dispatch('list_size', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__list_size(expr) -%}
len({{ expr }})
{%- endmacro %}

{#- The items of a list as one text. -#}
{% macro join_list(expr, separator) %}{{ return(adapter.dispatch('join_list', 'sillon')(expr, separator)) }}{% endmacro %}
{% macro duckdb__join_list(expr, separator) -%}
array_to_string({{ expr }}, '{{ separator }}')
{%- endmacro %}

{#- Every match of a pattern replaced; patterns keep to what RE2 and Java read alike. -#}
{% macro replace_pattern(expr, pattern, by) %}{{ return(adapter.dispatch('replace_pattern', 'sillon')(expr, pattern, by)) }}{% endmacro %}
{% macro duckdb__replace_pattern(expr, pattern, by) -%}
regexp_replace({{ expr }}, '{{ pattern }}', '{{ by }}', 'g')
{%- endmacro %}

{% macro matches_pattern(expr, pattern) %}{{ return(adapter.dispatch('matches_pattern', 'sillon')(expr, pattern)) }}{% endmacro %}
{% macro duckdb__matches_pattern(expr, pattern) -%}
regexp_matches({{ expr }}, '{{ pattern }}')
{%- endmacro %}

{#- What the group of a pattern's first match holds; null where nothing matches. -#}
{% macro extract_pattern(expr, pattern, group=1) %}{{ return(adapter.dispatch('extract_pattern', 'sillon')(expr, pattern, group)) }}{% endmacro %}
{% macro duckdb__extract_pattern(expr, pattern, group) -%}
nullif(regexp_extract({{ expr }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}

{#- Every match of a pattern, as a list. -#}
{% macro extract_all(expr, pattern, group=0) %}{{ return(adapter.dispatch('extract_all', 'sillon')(expr, pattern, group)) }}{% endmacro %}
{% macro duckdb__extract_all(expr, pattern, group) -%}
regexp_extract_all(coalesce({{ expr }}, ''), '{{ pattern }}', {{ group }})
{%- endmacro %}

{#- A stable hash of a text, 32 hexadecimal digits. -#}
{% macro hash_text(expr) %}{{ return(adapter.dispatch('hash_text', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__hash_text(expr) -%}
md5({{ expr }})
{%- endmacro %}

{#- Texts of a group joined in a fixed order; nulls are left out. -#}
{% macro join_text(expr, separator, order_by, distinct_only=false) %}{{ return(adapter.dispatch('join_text', 'sillon')(expr, separator, order_by, distinct_only)) }}{% endmacro %}
{% macro duckdb__join_text(expr, separator, order_by, distinct_only) -%}
string_agg({{ 'distinct ' if distinct_only }}{{ expr }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{#- True for null, empty and white space only. -#}
{% macro is_blank(expr) -%}
(coalesce(trim({{ expr }}), '') = '')
{%- endmacro %}

{% macro empty_list() %}{{ return(adapter.dispatch('empty_list', 'sillon')()) }}{% endmacro %}
{% macro duckdb__empty_list() -%}
cast([] as varchar[])
{%- endmacro %}

{#- True where a text of items joined by "|" holds an item. -#}
{% macro contains_word(joined, item) %}{{ return(adapter.dispatch('contains_word', 'sillon')(joined, item)) }}{% endmacro %}
{% macro duckdb__contains_word(joined, item) -%}
contains('|' || {{ joined }} || '|', '|' || {{ item }} || '|')
{%- endmacro %}

{% macro count_words(expr) -%}
{{ list_size(split_words(expr)) }}
{%- endmacro %}

{#- The first characters of a text; the part of a word that a misspelling seldom reaches. -#}
{% macro word_prefix(expr) -%}
substr({{ expr }}, 1, 4)
{%- endmacro %}

{#- How many distinct words two texts share. -#}
{% macro shared_word_count(left, right) %}{{ return(adapter.dispatch('shared_word_count', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__shared_word_count(left, right) -%}
len(list_intersect({{ duckdb__split_words(left) }}, {{ duckdb__split_words(right) }}))
{%- endmacro %}

{#- True where two texts are made of the same letters, in any order. -#}
{% macro same_letters(left, right) %}{{ return(adapter.dispatch('same_letters', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__same_letters(left, right) -%}
(list_sort(string_split({{ left }}, '')) = list_sort(string_split({{ right }}, '')))
{%- endmacro %}
