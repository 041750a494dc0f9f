{#
    dbt-spark writes a seed as literals of its own making, in which a null is the word None and an apostrophe ends the text. One
    statement a seed, too: every insert would be a job and a file.
#}
{% macro spark__create_csv_table(model, agate_table) %}
    {{ return('') }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set sql -%}
        create table {{ this }} using parquet as
        select
            {% for column in agate_table.column_names -%}
            cast({{ column }} as {{ types[column] }}) as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        from values
        {% for row in agate_table.rows -%}
            ({% for value in row -%}
                {%- if value is none -%}null
                {%- else -%}'{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
                {%- endif -%}{{ ', ' if not loop.last }}
            {%- endfor %}){{ ',' if not loop.last }}
        {% endfor -%}
        as seed({{ agate_table.column_names | join(', ') }})
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{% endmacro %}


{# A list among the rows of a unit test: dbt writes it as Python would. #}
{% macro spark__safe_cast(field, type) %}
    {%- if field is sequence and field is not string -%}
        {%- set field = "array('" ~ field | join("', '") ~ "')" -%}
    {%- endif -%}
    cast({{ field }} as {{ type }})
{%- endmacro %}
