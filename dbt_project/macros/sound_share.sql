{# The share of sound rows, from 0 to 1; what has no rows has nothing unsound in it. #}
{% macro sound_share(unsound, all_rows) -%}
    case
        when {{ all_rows }} > 0
            then greatest(1 - ({{ unsound }}) * 1e0 / ({{ all_rows }}), 0)
        else 1
    end
{%- endmacro %}
