{# How a description is made of a template: pure text, no table. #}

{# The text on one line: control characters and runs of white space become one blank; null when nothing is left. #}
{% macro one_line(expr) -%}
    nullif({{ trimmed(replace_pattern(
        'cast(' ~ expr ~ ' as string)', '[\\x00-\\x1f\\x7f\\s]+', ' '
    )) }}, '')
{%- endmacro %}

{# The template with a control character as mark for each field that has a value, and without what an empty one leaves. #}
{% macro description_frame(template, fields) -%}
    {%- set frame = namespace(sql=one_line(template)) -%}
    {%- for field in fields -%}
        {%- set frame.sql = "replace(" ~ frame.sql ~ ", '{" ~ field ~ "}', chr(" ~ loop.index ~ "))" -%}
    {%- endfor -%}
    {%- for field in fields -%}
        {%- set frame.sql = without_field(frame.sql, field, '\\x0' ~ loop.index) -%}
    {%- endfor -%}
    {{ frame.sql }}
{%- endmacro %}

{#
  Empty field: a part in brackets that holds no other field goes; else the field goes with the separator or the little
  word ("par", "by", "de") that led to it.
#}
{% macro without_field(frame, field, mark) -%}
    {%- set alone = '\\s*[(\\[][^()\\[\\]\\x01-\\x04]*' ~ mark ~ '[^()\\[\\]\\x01-\\x04]*[)\\]]' -%}
    {%- set led = '(^|\\s+)(par|by|de|of|von|di|por|avec|with|from|in|en)\\s+' ~ mark -%}
    {%- set separated = '(\\s*[-,;:/|·–—]\\s*|\\s+)?' ~ mark -%}
    {%- set first = '([(\\[]|^)\\s*[-,;:/|·–—]+\\s*' -%}
    case when {{ field }} is null then
        {{ replace_pattern(
            replace_pattern(
                replace_pattern(replace_pattern(frame, alone, ''), led, ''),
                separated, ''
            ),
            first, '\\1'
        ) }}
    else {{ frame }} end
{%- endmacro %}

{# Every mark replaced by its value. Values hold no mark, so that none is replaced twice. #}
{% macro fill_frame(frame, fields) -%}
    {%- set filled = namespace(sql=frame) -%}
    {%- for field in fields -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", chr(" ~ loop.index ~ "), coalesce(" ~ field ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
