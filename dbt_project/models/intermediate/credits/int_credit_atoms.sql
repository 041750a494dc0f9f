{{ config(materialized='table') }}

with words as (

    select * from {{ ref('int_credit_words_judged') }}

),

names as (

    select
        artist_id,
        atom_position,
        {{ trimmed(join_text('spelling', '', 'position')) }} as spelled
    from words
    where not is_separator
    group by 1, 2

),

separators as (

    select
        artist_id,
        atom_position,
        {{ join_text('spelling', '', 'position') }} as separator_text,
        min(precedence) as precedence,
        max(case when word like '(%' or word like '[%' then 1 else 0 end) as has_bracket,
        min(case when is_tight then 1 else 0 end) = 1 as is_tight
    from words
    where is_separator
    group by 1, 2

),

kinds as (

    select distinct precedence, kind
    from {{ ref('credit_separators') }}

),

-- "(feat. B)" leaves its closing bracket with B
atoms as (

    select
        names.artist_id,
        names.atom_position,
        case
            when coalesce(max(separators.has_bracket) over (
                partition by names.artist_id order by names.atom_position
            ), 0) = 0 then names.spelled
            when names.spelled like '%(%' or names.spelled like '%[%' then names.spelled
            else {{ replace_pattern('names.spelled', '(.)[)\\]]$', '\\1') }}
        end as atom,
        separators.separator_text,
        coalesce(separators.is_tight, false) as is_tight,
        kinds.kind
    from names
    left join separators
        on
            names.artist_id = separators.artist_id
            and names.atom_position = separators.atom_position
    left join kinds
        on separators.precedence = kinds.precedence

)

select
    *,
    count(*) over (partition by artist_id) as atom_count,
    1 + sum(
        case when kind in ('guest', 'with', 'versus', 'slash', 'cross', 'dash') then 1 else 0 end
    ) over (
        partition by artist_id order by atom_position
        rows between unbounded preceding and current row
    ) as segment
from atoms
