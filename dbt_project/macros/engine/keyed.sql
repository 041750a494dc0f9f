{#
    `keyed`: a table whose rows are kept from night to night, and only those made again whose inputs changed.

    A model promises by its configuration what its rows hang on:

        config(materialized='keyed', sides=[{'key': 'title', 'inputs': {'int_title_words': 'title'}}])

    The rows of one key follow from the rows of that key in each input (an expression over the input gives it, or each of
    several) and from whatever else the model reads, taken whole. An input that a key reaches by another table says so:
    {'key': 'album_id', 'through': 'stg_library__album_artist', 'on': 'artist_id'}, or 'on': [column there, column here]. With two sides, say album and release
    group, a row follows from what is true of its album and of its release group, and an input may belong to both. A key is
    never null.

    Of each key a digest of its input rows is kept beside the model, in `<model>__kept`. A key whose digest is another, is
    new, or is gone, is due: its rows are deleted and made again with the inputs narrowed to such keys. What no side names
    (seeds, settings) is digested whole, and with it the compiled query, which holds every macro, the columns of all that is
    read and the version of DuckDB. This fingerprint stands in the comment of the table, so that a table made by anything else
    has none; where it is another, the model is built in full. An input that is itself keyed alike is not read for its digests:
    its rows follow from its own, and from its fingerprint.

    Rows, digests and fingerprint change in one transaction: a build that is killed leaves those of the night before. Digests
    are sums of 64-bit hashes: a change goes unseen once in 10^19.
#}
{% materialization keyed, adapter='duckdb', supported_languages=['sql'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set kept = keyed_kept(target) -%}
    {%- set relations = keyed_relations() -%}
    {%- set sides = keyed_sides(config.require('sides'), relations) -%}
    {%- set state = run_query(keyed_state(target, kept, sides, relations)).rows[0] -%}
    {%- set is_known = state['fingerprint'] == state['made_under'] and not should_full_refresh() -%}
    {%- for side in sides -%}
        {%- do run_query(keyed_due(kept, side, is_known)) -%}
    {%- endfor -%}
    {%- set found = run_query(keyed_counts(kept, sides)).rows[0] if is_known else {'due': 1, 'known': 0} -%}
    {%- call statement('main') -%}
        {%- if not is_known %}
            create or replace table {{ kept }} (side integer, key varchar, digest hugeint);
        {%- endif %}
        {%- if found['due'] * 2 > found['known'] %}
            {{ drop_of_another_type(target) }}
            drop table if exists {{ target }};
            {{ create_table_as(False, target, sql) }};
            comment on table {{ target }} is '{{ state['fingerprint'] }}';
        {%- elif found['due'] > 0 %}
            {{ keyed_rows(target, sides) }}
        {%- endif %}
        {%- for side in sides if found['due'] > 0 %}
            delete from {{ kept }} where side = {{ side.number }} and key in (select key from {{ side.due }});
            insert into {{ kept }} select {{ side.number }}, key, digest from {{ side.due }} where digest is not null;
        {%- endfor %}
        select {{ found['due'] }} as due
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


{% macro keyed_kept(relation) %}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__kept'}, type='table')) }}
{% endmacro %}


{#- Everything that this model reads, by the name of its node (a source's is source.table): the relation, and the key of a keyed one. -#}
{% macro keyed_relations() %}
    {%- set relations = {} -%}
    {%- for id in model.depends_on.nodes -%}
        {%- set node = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- set name = node.source_name ~ '.' ~ node.name if node.resource_type == 'source' else node.name -%}
        {%- set sides = node.config.get('sides') or [] -%}
        {%- do relations.update({name: {
            'relation': api.Relation.create(
                database=node.database, schema=node.schema, identifier=node.identifier or node.alias
            ),
            'key': sides[0]['key'] if sides | length == 1 else none,
        }}) -%}
    {%- endfor -%}
    {{ return(relations) }}
{% endmacro %}


{#- Each side with its inputs as relations, and the name of the table of its due keys. -#}
{% macro keyed_sides(named, relations) %}
    {%- set sides = [] -%}
    {%- for side in named -%}
        {%- set inputs = [] -%}
        {%- for name, said in side['inputs'].items() -%}
            {%- if name not in relations or relations[name].relation | string not in sql -%}
                {{ exceptions.raise_compiler_error(this.identifier ~ ' does not read ' ~ name) }}
            {%- endif -%}
            {%- set is_through = said is mapping -%}
            {%- set keys = [said['key']] if is_through else ([said] if said is string else said) -%}
            {%- do inputs.append({
                'name': name,
                'relation': relations[name].relation,
                'keys': keys,
                'is_alike': not is_through and relations[name].key is not none and keys == [relations[name].key],
                'through': relations[said['through']].relation if is_through else none,
                'on': none if not is_through else ([said['on'], said['on']] if said['on'] is string else said['on']),
            }) -%}
        {%- endfor -%}
        {%- do sides.append({
            'key': side['key'], 'inputs': inputs, 'number': loop.index, 'due': 'temp.' ~ this.identifier ~ '__due_' ~ loop.index
        }) -%}
    {%- endfor -%}
    {{ return(sides) }}
{% endmacro %}


{#- The fingerprint as it is now, and the one that the table was made under. -#}
{% macro keyed_state(target, kept, sides, relations) %}
    {%- set by_key = [] -%}
    {%- set alike = [] -%}
    {%- for side in sides -%}
        {%- for input in side.inputs -%}
            {%- do by_key.append(input.name) -%}
            {%- if input.is_alike -%}{%- do alike.append(input.relation.identifier) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor %}
    select
        md5(concat_ws(
            '|', '{{ local_md5(sql ~ config.require("sides")) }}', version(),
            (
                select string_agg(concat_ws(' ', schema_name, table_name, column_name, data_type), ',' order by schema_name, table_name, column_index)
                from duckdb_columns()
                where (schema_name, table_name) in (
                    {%- for one in relations.values() -%}
                    ('{{ one.relation.schema }}', '{{ one.relation.identifier }}'){{ ', ' if not loop.last }}
                    {%- endfor -%}
                )
            )
            {%- if alike %},
            (
                select string_agg(comment, ',' order by table_name) from duckdb_tables()
                where table_name in ('{{ alike | join("', '") }}')
            )
            {%- endif %}
            {%- for name, one in relations.items() if name not in by_key %},
            (select concat_ws(' ', count(*), sum(hash(whole_row)::hugeint)) from {{ one.relation }} as whole_row)
            {%- endfor %}
        )) as fingerprint,
        (
            select max(made.comment)
            from duckdb_tables() as made
            inner join duckdb_tables() as kept on made.schema_name = kept.schema_name
            where made.schema_name = '{{ target.schema }}' and made.table_name = '{{ target.identifier }}'
                and kept.table_name = '{{ kept.identifier }}'
        ) as made_under
{% endmacro %}


{#- The keys of a side whose input rows are other ones than those that are known, with their digest now; null where gone. -#}
{% macro keyed_due(kept, side, is_known) %}
    create or replace temp table {{ side.due }} as
    with input_rows as (
        {%- for input in side.inputs %}
        {%- set number = loop.index %}
        {%- set is_last = loop.last %}
        {%- for key in input['keys'] %}
        {%- if input.is_alike %}
        select key, hash({{ number }}, digest) as digest from {{ keyed_kept(input.relation) }}
        {%- elif input.through is not none %}
        select cast(through.{{ key }} as varchar) as key, hash({{ number }}, whole_row) as digest
        from {{ input.through }} as through
        inner join {{ input.relation }} as whole_row on through.{{ input.on[0] }} = whole_row.{{ input.on[1] }}
        {%- else %}
        select cast({{ key }} as varchar) as key, hash({{ number }}, whole_row) as digest from {{ input.relation }} as whole_row
        {%- endif %}
        {{ 'union all' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    ),
    now as (
        select key, sum(digest::hugeint) as digest from input_rows where key is not null group by key
    )
    {%- if is_known %},
    known as (
        select key, digest from {{ kept }} where side = {{ side.number }}
    )
    select coalesce(now.key, known.key) as key, now.digest
    from now
    full outer join known on now.key = known.key
    where now.digest is distinct from known.digest
    {%- else %}
    select * from now
    {%- endif %}
{% endmacro %}


{% macro keyed_counts(kept, sides) %}
    select
        {% for side in sides %}(select count(*) from {{ side.due }}){{ ' + ' if not loop.last }}{% endfor %} as due,
        (select count(*) from {{ kept }}) as known
{% endmacro %}


{#- The rows of due keys, made again: one pass a side, with its inputs narrowed; what an earlier side made is not made twice. -#}
{% macro keyed_rows(target, sides) %}
    delete from {{ target }}
    where {% for side in sides -%}
        cast({{ side.key }} as varchar) in (select key from {{ side.due }}){{ ' or ' if not loop.last }}
        {%- endfor %};
    {%- for side in sides %}
    {%- set narrowed = namespace(sql=sql) -%}
    {%- for input in side.inputs if input.through is none -%}
        {%- set conditions = [] -%}
        {%- for key in input['keys'] -%}
            {%- do conditions.append('cast(' ~ key ~ ' as varchar) in (select key from ' ~ side.due ~ ')') -%}
        {%- endfor -%}
        {%- set narrowed.sql = narrowed.sql | replace(
            input.relation | string, '(select * from ' ~ input.relation ~ ' where ' ~ conditions | join(' or ') ~ ')'
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
    {%- endfor %}
{% endmacro %}
