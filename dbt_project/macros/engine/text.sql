{#- Text functions that each engine writes in its own way. Similarities are shares from 0 to 1, rounded to 4 places. -#}

{% macro fold_text(expr) %}{{ return(adapter.dispatch('fold_text', 'sillon')(expr)) }}{% endmacro %}

{#- The words of a folded text, as a list; of null, an empty list. -#}
{% macro split_words(expr) %}{{ return(adapter.dispatch('split_words', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__split_words(expr) -%}
list_filter(string_split(coalesce({{ expr }}, ''), ' '), lambda word: word <> '')
{%- endmacro %}
{% macro spark__split_words(expr) -%}
filter(split(coalesce({{ expr }}, ''), ' '), word -> word <> '')
{%- endmacro %}

{#- Levenshtein ratio of two texts: 1 = equal, 0 = nothing shared. Null where one is null. -#}
{% macro similarity(left, right) %}{{ return(adapter.dispatch('similarity', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__similarity(left, right) -%}
round(
    1 - levenshtein({{ left }}, {{ right }}) * 1.0
    / greatest(length({{ left }}), length({{ right }}), 1), 4
)
{%- endmacro %}
{% macro spark__similarity(left, right) -%}
{{ spark__rounded(
    '1 - ' ~ spark__edit_distance(left, right) ~ ' / greatest(length(' ~ left ~ '), length(' ~ right ~ '), 1)', 4
) }}
{%- endmacro %}

{#- Bytes to add, take away or replace until one text is the other. -#}
{% macro edit_distance(left, right) %}{{ return(adapter.dispatch('edit_distance', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__edit_distance(left, right) -%}
levenshtein({{ left }}, {{ right }})
{%- endmacro %}
{#- Spark counts characters: read as Latin-1, every byte is one. -#}
{% macro spark__edit_distance(left, right) -%}
levenshtein(decode(encode({{ left }}, 'UTF-8'), 'ISO-8859-1'), decode(encode({{ right }}, 'UTF-8'), 'ISO-8859-1'))
{%- endmacro %}

{#- Share of the distinct words of two lists that both hold: 1 = the same words, in any order. -#}
{% macro token_overlap(left, right) %}{{ return(adapter.dispatch('token_overlap', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__token_overlap(left, right) -%}
round(
    len(list_intersect({{ left }}, {{ right }})) * 1.0
    / greatest(len(list_distinct(list_concat({{ left }}, {{ right }}))), 1), 4
)
{%- endmacro %}
{% macro spark__token_overlap(left, right) -%}
{{ spark__rounded(
    'size(array_intersect(' ~ left ~ ', ' ~ right ~ ')) / greatest(size(array_union(' ~ left ~ ', ' ~ right ~ ')), 1)', 4
) }}
{%- endmacro %}

{#- True where both lists hold the same distinct words. -#}
{% macro same_words(left, right) %}{{ return(adapter.dispatch('same_words', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__same_words(left, right) -%}
(list_sort(list_distinct({{ left }})) = list_sort(list_distinct({{ right }})))
{%- endmacro %}
{% macro spark__same_words(left, right) -%}
(array_sort(array_distinct({{ left }})) = array_sort(array_distinct({{ right }})))
{%- endmacro %}

{% macro list_size(expr) %}{{ return(adapter.dispatch('list_size', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__list_size(expr) -%}
len({{ expr }})
{%- endmacro %}
{% macro spark__list_size(expr) -%}
array_size({{ expr }})
{%- endmacro %}

{% macro first_item(expr) %}{{ return(adapter.dispatch('first_item', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__first_item(expr) -%}
{{ expr }}[1]
{%- endmacro %}
{% macro spark__first_item(expr) -%}
get({{ expr }}, 0)
{%- endmacro %}

{#- The items of a list as one text. -#}
{% macro join_list(expr, separator) %}{{ return(adapter.dispatch('join_list', 'sillon')(expr, separator)) }}{% endmacro %}
{% macro duckdb__join_list(expr, separator) -%}
array_to_string({{ expr }}, '{{ separator }}')
{%- endmacro %}
{% macro spark__join_list(expr, separator) -%}
array_join({{ expr }}, '{{ separator }}')
{%- endmacro %}

{#- Every match of a pattern replaced; patterns keep to what RE2 and Java read alike. -#}
{% macro replace_pattern(expr, pattern, by) %}{{ return(adapter.dispatch('replace_pattern', 'sillon')(expr, pattern, by)) }}{% endmacro %}
{% macro duckdb__replace_pattern(expr, pattern, by) -%}
regexp_replace({{ expr }}, '{{ pattern }}', '{{ by }}', 'g')
{%- endmacro %}
{% macro spark__replace_pattern(expr, pattern, by) -%}
regexp_replace({{ expr }}, '{{ spark__pattern(pattern) }}', '{{ by | replace('\\', '$') }}')
{%- endmacro %}

{#-
  A pattern of RE2 as Java reads it to the same effect: there "$" and "." know more line ends, \s a vertical tab, and (?i) only
  the letters of ASCII. Backslashes are doubled, because Spark reads escapes in a literal.
-#}
{% macro spark__pattern(pattern) -%}
(?d){{ (pattern
    | replace('$', '\\z') | replace('\\s', '[ \\t\\n\\f\\r]') | replace('(?i', '(?iu') | replace('\\', '\\\\')) }}
{%- endmacro %}

{% macro matches_pattern(expr, pattern) %}{{ return(adapter.dispatch('matches_pattern', 'sillon')(expr, pattern)) }}{% endmacro %}
{% macro duckdb__matches_pattern(expr, pattern) -%}
regexp_matches({{ expr }}, '{{ pattern }}')
{%- endmacro %}
{% macro spark__matches_pattern(expr, pattern) -%}
rlike({{ expr }}, '{{ spark__pattern(pattern) }}')
{%- endmacro %}

{#- What the group of a pattern's first match holds; null where nothing matches. -#}
{% macro extract_pattern(expr, pattern, group=1) %}{{ return(adapter.dispatch('extract_pattern', 'sillon')(expr, pattern, group)) }}{% endmacro %}
{% macro duckdb__extract_pattern(expr, pattern, group) -%}
nullif(regexp_extract({{ expr }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}
{% macro spark__extract_pattern(expr, pattern, group) -%}
nullif(regexp_extract({{ expr }}, '{{ spark__pattern(pattern) }}', {{ group }}), '')
{%- endmacro %}

{#- Every match of a pattern, as a list. -#}
{% macro extract_all(expr, pattern, group=0) %}{{ return(adapter.dispatch('extract_all', 'sillon')(expr, pattern, group)) }}{% endmacro %}
{% macro duckdb__extract_all(expr, pattern, group) -%}
regexp_extract_all(coalesce({{ expr }}, ''), '{{ pattern }}', {{ group }})
{%- endmacro %}
{% macro spark__extract_all(expr, pattern, group) -%}
regexp_extract_all(coalesce({{ expr }}, ''), '{{ spark__pattern(pattern) }}', {{ group }})
{%- endmacro %}

{#- A stable hash of a text, 32 hexadecimal digits. -#}
{% macro hash_text(expr) -%}
md5({{ expr }})
{%- endmacro %}

{#- Texts of a group joined in a fixed order; nulls are left out. -#}
{% macro join_text(expr, separator, order_by, distinct_only=false) %}{{ return(adapter.dispatch('join_text', 'sillon')(expr, separator, order_by, distinct_only)) }}{% endmacro %}
{% macro duckdb__join_text(expr, separator, order_by, distinct_only) -%}
string_agg({{ 'distinct ' if distinct_only }}{{ expr }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}
{% macro spark__join_text(expr, separator, order_by, distinct_only) -%}
{%- if distinct_only -%}
{#- listagg(distinct) beside another distinct count is more than Spark 4 can plan; what is distinct is ordered by itself here. -#}
array_join(nullif(array_sort(collect_set({{ expr }})), {{ spark__empty_list() }}), '{{ separator }}')
{%- else -%}
listagg({{ expr }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endif -%}
{%- endmacro %}

{#- The text without the blanks around it: every blank that Unicode calls a separator, no tab and no line end. -#}
{% macro trimmed(expr) %}{{ return(adapter.dispatch('trimmed', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__trimmed(expr) -%}
trim({{ expr }})
{%- endmacro %}
{#- Spark's own trim knows only one of the seventeen. -#}
{% macro spark__trimmed(expr) -%}
btrim({{ expr }}, ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000')
{%- endmacro %}

{#- True for null, empty and blanks only. -#}
{% macro is_blank(expr) -%}
(coalesce({{ trimmed(expr) }}, '') = '')
{%- endmacro %}

{% macro empty_list() %}{{ return(adapter.dispatch('empty_list', 'sillon')()) }}{% endmacro %}
{% macro duckdb__empty_list() -%}
cast([] as varchar[])
{%- endmacro %}
{% macro spark__empty_list() -%}
cast(array() as array<string>)
{%- endmacro %}

{#- True where a text of items joined by "|" holds an item. -#}
{% macro contains_word(joined, item) -%}
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
{% macro spark__shared_word_count(left, right) -%}
size(array_intersect({{ spark__split_words(left) }}, {{ spark__split_words(right) }}))
{%- endmacro %}

{#- True where two texts are made of the same letters, in any order. -#}
{% macro same_letters(left, right) %}{{ return(adapter.dispatch('same_letters', 'sillon')(left, right)) }}{% endmacro %}
{% macro duckdb__same_letters(left, right) -%}
(list_sort(string_split({{ left }}, '')) = list_sort(string_split({{ right }}, '')))
{%- endmacro %}
{% macro spark__same_letters(left, right) -%}
(array_sort(split({{ left }}, '')) = array_sort(split({{ right }}, '')))
{%- endmacro %}
