{{ config(materialized='table') }}

with boundaries as (

    select
        ruled.*,
        rules.is_split,
        rules.confidence,
        rules.is_certain
    from {{ ref('int_credit_boundaries_ruled') }} as ruled
    inner join {{ ref('credit_rules') }} as rules
        on ruled.rule = rules.rule

),

-- the surname that a given name borrows from the next
atoms as (

    select
        atoms.artist_id,
        atoms.atom_position,
        atoms.separator_text,
        coalesce(boundaries.is_split, false) as begins_act,
        case
            when lead(boundaries.rule) over (
                partition by atoms.artist_id order by atoms.atom_position
            ) = 'shared_surname'
                then atoms.atom || ' ' || {{ extract_pattern(
                    'lead(atoms.atom) over (partition by atoms.artist_id order by atoms.atom_position)',
                    '([^ ]+)$',
                ) }}
            else atoms.atom
        end as atom
    from {{ ref('int_credit_atoms') }} as atoms
    left join boundaries
        on
            atoms.artist_id = boundaries.artist_id
            and atoms.atom_position = boundaries.atom_position
    where atoms.atom_count > 1

),

numbered as (

    select
        *,
        1 + sum(case when begins_act then 1 else 0 end) over (
            partition by artist_id order by atom_position
            rows between unbounded preceding and current row
        ) as act_position
    from atoms

)

select * from numbered
