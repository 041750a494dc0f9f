{#-
  A returned row means: these columns name more than one row, or a column that every row needs is empty, or one holds a
  value that is not listed. The columns of the key are needed unless `may_be_empty` names them; `filled` names others;
  `among` gives, per column, the values it may hold. One pass over the rows, one node a model: a node costs dbt more than
  the query does.
-#}
{% test unique_key(model, columns, filled=[], among={}, may_be_empty=[]) %}
{%- set faults = ['count(*) > 1'] %}
{%- for column in columns + filled if column not in may_be_empty %}
    {%- do faults.append('bool_or(' ~ column ~ ' is null)') %}
{%- endfor %}
{%- for column, values in among.items() %}
    {%- do faults.append("bool_or(" ~ column ~ " not in ('" ~ values | join("', '") ~ "'))") %}
{%- endfor %}

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having {{ faults | join('\n    or ') }}

{% endtest %}
