{{ config(materialized='table') }}

-- Of what the sources credit, what corresponds to the name in the library.

with acts as (

    select
        *,
        {{ fold_text('name') }} as folded_act
    from {{ ref('int_credit_acts_sourced') }}

),

-- every act stands in the name, and little but join phrases stands beside them
compared as (

    select
        artist_id,
        rule,
        credited_id,
        folded_name,
        count(*) as act_count,
        min(
            case
                when position(' ' || folded_act || ' ' in ' ' || folded_name || ' ') > 0
                    then 1
                else 0
            end
        ) = 1 as is_all_named,
        {{ list_size(split_words('folded_name')) }}
            - sum({{ list_size(split_words('folded_act')) }}) as words_beside
    from acts
    group by 1, 2, 3, 4

),

corresponding as (

    select
        *,
        row_number() over (
            partition by artist_id, rule
            order by act_count desc, credited_id
        ) as best_first
    from compared
    where is_all_named
        and words_beside between 0 and 2 * (act_count - 1)

)

select
    acts.artist_id,
    acts.rule,
    acts.credited_id,
    corresponding.act_count,
    row_number() over (
        partition by acts.artist_id, acts.rule order by acts.position
    ) as act_position,
    acts.name as act_name,
    acts.join_phrase
from acts
inner join corresponding
    on
        acts.artist_id = corresponding.artist_id
        and acts.rule = corresponding.rule
        and acts.credited_id = corresponding.credited_id
where corresponding.best_first = 1
