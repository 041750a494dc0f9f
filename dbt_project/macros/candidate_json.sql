{# One candidate of the review queue as a JSON object; every argument is an SQL expression. #}
{% macro candidate_json(id, title, artist, year, type, score, evidence, url) -%}
    '{"id":' || {{ json_or_none(id) }}
    || ',"title":' || {{ json_or_none(title) }}
    || ',"artist":' || {{ json_or_none(artist) }}
    || ',"year":' || {{ json_or_none(year) }}
    || ',"type":' || {{ json_or_none(type) }}
    || ',"score":' || coalesce({{ number_text(score) }}, 'null')
    || ',"evidence":' || {{ json_or_none(evidence) }}
    || ',"url":' || {{ json_or_none(url) }} || '}'
{%- endmacro %}

{% macro json_or_none(expr) -%}
    coalesce({{ json_quote(expr) }}, 'null')
{%- endmacro %}
