{#
    `keyed`: a table whose rows are kept from night to night, and only those made again whose inputs changed.

    A model promises by its configuration what its rows hang on:

        config(materialized='keyed', sides=[{'key': 'title', 'inputs': {'int_title_words': 'title'}}])

    The rows of one key follow from the rows of that key in each input (an expression over the input gives it) and from
    whatever the model reads besides, taken whole. With two sides, say album and release group, a row follows from what is
    true of its album and of its release group, and an input may belong to either or to both. A key is never null.

    Of each key a digest of its input rows is kept beside the model, in `<model>__kept`. A key whose digest is another, is
    new, or is gone, is due: its rows are deleted and made again with the inputs narrowed to such keys. What no side names
    (seeds, settings) is digested whole, and with it the compiled query, which holds every macro, the columns of all that is
    read and the version of DuckDB. This fingerprint stands in the comment of the table, so that a table made by anything else
    has none; where it is another, the model is built in full.

    Rows, digests and fingerprint change in one transaction: a build that is killed leaves those of the night before. Digests
    are sums of 64-bit hashes: a change goes unseen once in 10^19.
#}
{% materialization keyed, adapter='duckdb', supported_languages=['sql'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set kept = target.incorporate(path={'identifier': this.identifier ~ '__kept'}) -%}
    {%- set sides = keyed_sides(config.require('sides')) -%}
    {%- set state = run_query(keyed_state(target, kept, sides)).rows[0] -%}
    {%- set is_known = state['fingerprint'] == state['comment'] and not should_full_refresh() -%}
    {%- for side in sides -%}
        {%- do run_query(keyed_due(kept, side, is_known)) -%}
    {%- endfor -%}
    {%- set due = run_query(keyed_counts(kept, sides, is_known)).rows[0] if is_known else none -%}
    {%- call statement('main') -%}
        {%- if not is_known -%}
            {{ keyed_in_full(target) }}
            create or replace table {{ kept }} (side integer, key varchar, digest hugeint);
            {{ keyed_remember(kept, sides) }}
            comment on table {{ target }} is '{{ state['fingerprint'] }}'
        {%- elif due['due'] * 2 > due['known'] -%}
            {{ keyed_in_full(target) }}
            {{ keyed_remember(kept, sides) }}
            comment on table {{ target }} is '{{ state['fingerprint'] }}'
        {%- elif due['due'] > 0 -%}
            {{ keyed_in_part(target, sides) }}
            {{ keyed_remember(kept, sides) }}
            select {{ due['due'] }} as due
        {%- else -%}
            select 0 as due
        {%- endif -%}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- for side in sides -%}
        {%- do run_query('drop table ' ~ side.due) -%}
    {%- endfor -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- Elsewhere it is a table. -#}
{% materialization keyed, default %}
    {{ return(context['materialization_table_' ~ adapter.type()]()) }}
{% endmaterialization %}


{#- What is read, as relations: of each side its key, its inputs, and the name of its due keys. -#}
{% macro keyed_sides(named) %}
    {%- set relations = keyed_relations() -%}
    {%- set sides = [] -%}
    {%- for side in named -%}
        {%- set inputs = [] -%}
        {%- for name, key in side['inputs'].items() -%}
            {%- if name not in relations -%}
                {{ exceptions.raise_compiler_error(this.identifier ~ ' does not read ' ~ name) }}
            {%- endif -%}
            {%- do inputs.append({'relation': relations[name], 'key': key}) -%}
        {%- endfor -%}
        {%- do sides.append({
            'key': side['key'], 'inputs': inputs, 'number': loop.index, 'due': 'temp.' ~ this.identifier ~ '__due_' ~ loop.index
        }) -%}
    {%- endfor -%}
    {{ return(sides) }}
{% endmacro %}


{#- Everything that this model reads: relations by the name of their node, a source's as source.table. -#}
{% macro keyed_relations() %}
    {%- set relations = {} -%}
    {%- for id in model.depends_on.nodes -%}
        {%- set node = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- set name = node.source_name ~ '.' ~ node.name if node.resource_type == 'source' else node.name -%}
        {%- do relations.update({name: api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.identifier or node.alias
        )}) -%}
    {%- endfor -%}
    {{ return(relations) }}
{% endmacro %}


{#- The fingerprint as it would be now, and the one that the table was made under. -#}
{% macro keyed_state(target, kept, sides) %}
    {%- set keyed = [] -%}
    {%- for side in sides -%}{%- for input in side.inputs -%}{%- do keyed.append(input.relation | string) -%}{%- endfor -%}{%- endfor -%}
    {%- set read = keyed_relations().values() | list -%}
    select
        md5(concat_ws(
            '|', '{{ local_md5(sql ~ sides) }}', version(),
            (
                select string_agg(concat_ws(' ', schema_name, table_name, column_name, data_type), ',' order by all)
                from duckdb_columns()
                where (schema_name, table_name) in (
                    {%- for one in read %}('{{ one.schema }}', '{{ one.identifier }}'){{ ', ' if not loop.last }}{% endfor -%}
                )
            )
            {%- for one in read if one | string not in keyed %},
            (select concat_ws(' ', count(*), sum(hash(whole_row)::hugeint)) from {{ one }} as whole_row)
            {%- endfor %}
        )) as fingerprint,
        (
            select max(comment) from duckdb_tables()
            where schema_name = '{{ target.schema }}' and table_name = '{{ target.identifier }}'
                and exists (
                    from duckdb_tables() where schema_name = '{{ kept.schema }}' and table_name = '{{ kept.identifier }}'
                )
        ) as comment
{% endmacro %}


{#- The keys of a side whose input rows are other ones than those that are known, with their digest now; null where gone. -#}
{% macro keyed_due(kept, side, is_known) %}
    create or replace temp table {{ side.due }} as
    with input_rows as (
        {% for input in side.inputs %}
        select cast({{ input.key }} as varchar) as key, hash({{ loop.index }}, whole_row) as digest from {{ input.relation }} as whole_row
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),
    now as (
        select key, sum(digest::hugeint) as digest from input_rows where key is not null group by key
    )
    {% if is_known -%}
    , known as (
        select key, digest from {{ kept }} where side = {{ side.number }}
    )
    select coalesce(now.key, known.key) as key, now.digest
    from now full outer join known on now.key = known.key
    where now.digest is distinct from known.digest
    {%- else -%}
    select * from now
    {%- endif %}
{% endmacro %}


{% macro keyed_counts(kept, sides) %}
    select
        {% for side in sides %}(select count(*) from {{ side.due }}){{ ' + ' if not loop.last }}{% endfor %} as due,
        (select count(*) from {{ kept }}) as known
{% endmacro %}


{% macro keyed_in_full(target) %}
    {{ drop_of_another_type(target) }}
    drop table if exists {{ target }};
    {{ create_table_as(False, target, sql) }};
{% endmacro %}


{#- One pass a side, with the inputs of that side narrowed; what an earlier side has made is not made again. -#}
{% macro keyed_in_part(target, sides) %}
    delete from {{ target }}
    where {% for side in sides -%}
        cast({{ side.key }} as varchar) in (select key from {{ side.due }}){{ ' or ' if not loop.last }}
        {%- endfor %};
    {% for side in sides %}
    {%- set narrowed = namespace(sql=sql) -%}
    {%- for input in side.inputs -%}
        {%- set narrowed.sql = narrowed.sql | replace(
            input.relation | string,
            '(select * from ' ~ input.relation ~ ' where cast(' ~ input.key ~ ' as varchar) in (select key from ' ~ side.due ~ '))'
        ) -%}
    {%- endfor %}
    insert into {{ target }} by name
    select * from (
        {{ narrowed.sql }}
    ) as made
    where cast({{ side.key }} as varchar) in (select key from {{ side.due }})
        {%- for earlier in sides if earlier.number < side.number %}
        and cast({{ earlier.key }} as varchar) not in (select key from {{ earlier.due }})
        {%- endfor %};
    {% endfor %}
{% endmacro %}


{% macro keyed_remember(kept, sides) %}
    {% for side in sides %}
    delete from {{ kept }} where side = {{ side.number }} and key in (select key from {{ side.due }});
    insert into {{ kept }} select {{ side.number }}, key, digest from {{ side.due }} where digest is not null;
    {% endfor %}
{% endmacro %}
