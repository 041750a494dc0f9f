{#
  What becomes of one value of the library: write, empty or keep.

  live, proposed: text expressions. is_free: the feature is on and the field is not locked. is_ours: Sillon wrote the
  live value and nobody changed it since. is_judged: what the live value rested on is still known, so that its absence
  from tonight's beliefs is a judgement and not a lost answer.
#}
{% macro settled_action(live, proposed, is_free, is_ours, is_judged) -%}
    case
        when not {{ is_free }} then 'keep'
        when {{ is_blank(live) }} and {{ proposed }} is not null then 'write'
        when {{ is_ours }} and {{ proposed }} <> {{ live }} then 'write'
        when
            {{ is_ours }} and {{ proposed }} is null and {{ is_judged }}
            then 'empty'
        else 'keep'
    end
{%- endmacro %}
