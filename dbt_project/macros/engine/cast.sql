{#- Casts that never fail: what is no number becomes null. Numbers rounded, and written as text, alike on every engine. -#}

{#- "1971", " 1971 ", "1971.0" -> 1971; anything else, and what does not fit the type -> null. -#}
{% macro try_integer(expr, type='integer') %}{{ return(adapter.dispatch('try_integer', 'sillon')(expr, type)) }}{% endmacro %}
{% macro duckdb__try_integer(expr, type) -%}
{%- if modules.re.match('^[a-z_.]+$', expr) -%}
{#- Nearly every value of a column is plain digits: those need no pattern, which costs ten times the cast. -#}
case when cast(try_cast({{ expr }} as {{ type }}) as varchar) = cast({{ expr }} as varchar) then try_cast({{ expr }} as {{ type }})
    else {{ duckdb__try_integer_read(expr, type) }} end
{%- else -%}
{{ duckdb__try_integer_read(expr, type) }}
{%- endif -%}
{%- endmacro %}
{% macro duckdb__try_integer_read(expr, type) -%}
try_cast(regexp_extract(trim(cast({{ expr }} as varchar)), '^([+-]?[0-9]+)([.]0*)?$', 1) as {{ type }})
{%- endmacro %}
{% macro spark__try_integer(expr, type) -%}
try_cast({{ spark__extract_pattern(spark__trimmed('cast(' ~ expr ~ ' as string)'), '^([+-]?[0-9]+)([.]0*)?$', 1) }} as {{ type }})
{%- endmacro %}

{% macro try_number(expr) %}{{ return(adapter.dispatch('try_number', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__try_number(expr) -%}
case when isfinite(try_cast(trim(cast({{ expr }} as varchar)) as double))
    then try_cast(trim(cast({{ expr }} as varchar)) as double) end
{%- endmacro %}
{#- Java reads "1d" and "0x1p3" as numbers too. -#}
{% macro spark__try_number(expr) -%}
nullif(try_cast({{ spark__extract_pattern(
    spark__trimmed('cast(' ~ expr ~ ' as string)'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$', 0
) }} as double), double('infinity'))
{%- endmacro %}

{#- The year that a date text begins with ("1971", "1971-05", "1971-05-24"); null unless four digits stand there. -#}
{% macro year_of(expr) -%}
{{ try_integer(extract_pattern(expr, '^\\s*([0-9]{4})([^0-9]|$)')) }}
{%- endmacro %}

{#- A number rounded to some places, the half away from zero. -#}
{% macro rounded(expr, places=0) %}{{ return(adapter.dispatch('rounded', 'sillon')(expr, places)) }}{% endmacro %}
{% macro duckdb__rounded(expr, places) -%}
round({{ expr }}{% if places %}, {{ places }}{% endif %})
{%- endmacro %}
{#- Spark rounds what a double looks like in decimals (0.285 to 0.29), DuckDB the double that it is: to no place at all both agree. -#}
{% macro spark__rounded(expr, places) -%}
{% if places %}(round(cast({{ expr }} as double) * 1e{{ places }}) / 1e{{ places }}){% else %}round(cast({{ expr }} as double)){% endif %}
{%- endmacro %}

{#- A number of at most four places as text: "0.5", "1.0". -#}
{% macro number_text(expr) %}{{ return(adapter.dispatch('number_text', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__number_text(expr) -%}
cast({{ expr }} as varchar)
{%- endmacro %}
{#- A double of Spark writes 0.0001 as "1.0E-4". -#}
{% macro spark__number_text(expr) -%}
regexp_replace(cast(cast({{ expr }} as decimal(30, 4)) as string), '([0-9])0+$', '$1')
{%- endmacro %}
