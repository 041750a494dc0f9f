{#- Casts that never fail: what is no number becomes null. -#}

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

{% macro try_number(expr) %}{{ return(adapter.dispatch('try_number', 'sillon')(expr)) }}{% endmacro %}
{% macro duckdb__try_number(expr) -%}
case when isfinite(try_cast(trim(cast({{ expr }} as varchar)) as double))
    then try_cast(trim(cast({{ expr }} as varchar)) as double) end
{%- endmacro %}

{#- The year that a date text begins with ("1971", "1971-05", "1971-05-24"); null unless four digits stand there. -#}
{% macro year_of(expr) -%}
{{ try_integer(extract_pattern(expr, '^\\s*([0-9]{4})([^0-9]|$)')) }}
{%- endmacro %}
