{{ config(materialized='table') }}

with proposed as (

    select * from {{ ref('int_credit_words_proposed') }}

),

-- a sign at either end, and a small word beside another separator, is a name
believed as (

    select
        *,
        case
            when names_before = 0 or names_after = 0 then false
            when stands = 'between_names'
                then sure_kind_before is null and sure_kind_after is null
            when stands = 'before_separator' then kind_after is not null
            when stands = 'after_separator' then kind_before is not null
            when stands = 'after_conducting' then word_before = 'conducting'
            else kind is not null
        end and kind is not null as is_separator
    from proposed

),

runs as (

    select
        *,
        coalesce(
            lag(is_separator) over (partition by artist_id order by position),
            false
        ) as follows_separator,
        coalesce(
            lead(has_blank_before) over (partition by artist_id order by position),
            false
        ) as has_blank_after
    from believed

)

-- the blank beside a separator belongs to the separator
select
    artist_id,
    position,
    word,
    case when has_blank_before and not follows_separator then ' ' else '' end
        || spelling
        || case when is_separator and has_blank_after then ' ' else '' end as spelling,
    is_separator,
    is_tight,
    case when is_separator then kind end as kind,
    case when is_separator then precedence end as precedence,
    1 + sum(case when is_separator and not follows_separator then 1 else 0 end) over (
        partition by artist_id order by position
        rows between unbounded preceding and current row
    ) as atom_position
from runs
