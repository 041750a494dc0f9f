{{ config(materialized='table') }}

with numbered as (

    select * from {{ ref('int_credit_atoms_numbered') }}

),

acts as (

    select
        artist_id,
        act_position,
        {{ join_text(
            "case when begins_act or atom_position = 1 then atom else separator_text || atom end",
            '',
            'atom_position',
        ) }} as act_name,
        max(case when begins_act then separator_text end) as join_phrase_before
    from numbered
    group by 1, 2

),

-- "Dirigent: X" is X
named as (

    select
        artist_id,
        act_position,
        {{ replace_pattern('act_name', "^(?i:dirigent|conductor|leitung|direction|direttore|director|soloist|solist) ?: ?(.)", '\\1') }} as act_name,
        join_phrase_before
    from acts

)

-- an act mentioned twice, with "the" and without, is spelled as the first time
select
    artist_id,
    act_position,
    first_value(act_name) over (
        partition by artist_id, {{ act_key('act_name') }} order by act_position
    ) as act_name,
    join_phrase_before
from named
