{# The key of a row of the library as JSON, in the one form that changes, issues and the ledger share. #}
{% macro row_key(id) -%}
    '{"id":' || cast({{ id }} as varchar) || '}'
{%- endmacro %}

{% macro link_key(album_id, artist_id) -%}
    '{"album_id":' || cast({{ album_id }} as varchar) || ',"artist_id":' || cast({{ artist_id }} as varchar) || '}'
{%- endmacro %}
