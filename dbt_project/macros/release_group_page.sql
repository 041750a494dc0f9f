{# The page on which a person can look at a release group. #}
{% macro release_group_page(release_group_id) -%}
    'https://musicbrainz.org/release-group/' || {{ release_group_id }}
{%- endmacro %}
