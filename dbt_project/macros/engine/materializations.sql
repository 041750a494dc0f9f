{#
    DuckDB replaces a view or a table within one transaction. dbt's own way builds beside, renames twice and drops, seven
    statements a model: of a warm build of 147 models a third of the time. Whoever reads meanwhile sees the old one or the new.
    No model here has hooks, grants, indexes or persisted docs, so none are run.
#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- call statement('main') -%}
        {{ drop_of_another_type(target) }}
        create or replace view {{ target }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- call statement('main') -%}
        {{ drop_of_another_type(target) }}
        drop table if exists {{ target }};
        {{ create_table_as(False, target, sql) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% macro drop_of_another_type(target) %}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        drop {{ existing.type }} if exists {{ existing }};
    {%- endif -%}
{% endmacro %}


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
