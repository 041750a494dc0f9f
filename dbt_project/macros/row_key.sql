{# The key of a row of the library as JSON, in the one form that changes, issues and the ledger share. #}
{% macro row_key(id) -%}
    '{"id":' || cast({{ id }} as string) || '}'
{%- endmacro %}

{% macro link_key(album_id, artist_id) -%}
    '{"album_id":' || cast({{ album_id }} as string) || ',"artist_id":' || cast({{ artist_id }} as string) || '}'
{%- endmacro %}
