{{ config(materialized='table') }}

with atoms as (

    select * from {{ ref('int_credit_atoms') }}
    where atom_count > 1

),

words as (

    select
        *,
        max(position) over (partition by artist_id, atom_position) as last_position
    from {{ ref('int_credit_atom_words') }}

),

described as (

    select
        artist_id,
        atom_position,
        max(last_position) as word_count,
        min(case when is_given_name or is_initial or is_particle then 1 else 0 end) = 1
            and max(case when is_given_name then 1 else 0 end) = 1 as is_all_given_names,
        max(case when position = 1 and is_given_name then 1 else 0 end) = 1 as begins_with_given_name,
        max(case when position = last_position and is_given_name then 1 else 0 end) = 1 as ends_with_given_name,
        max(case when position = 1 and is_article then 1 else 0 end) = 1 as begins_with_article,
        max(case when position = 1 and is_possessive then 1 else 0 end) = 1 as begins_with_possessive,
        max(case when position = 1 and is_opening then 1 else 0 end) = 1 as is_phrase,
        min(case when is_following then 1 else 0 end) = 1 as is_following,
        min(case when is_suffix then 1 else 0 end) = 1 as is_suffix,
        max(case when is_ensemble then 1 else 0 end) = 1 as is_ensemble,
        max(case when is_place then 1 else 0 end) = 1 as holds_place,
        max(case when position = last_position and is_band then 1 else 0 end) = 1 as ends_like_a_band
    from words
    group by 1, 2

)

select
    atoms.*,
    described.word_count,
    described.is_all_given_names,
    described.begins_with_given_name,
    described.ends_with_given_name,
    described.begins_with_article,
    described.begins_with_possessive,
    described.is_phrase,
    described.is_following,
    described.is_suffix,
    described.is_ensemble,
    described.holds_place,
    described.ends_like_a_band,
    coalesce(acts.ends_known_act, false) as ends_known_act,
    coalesce(acts.begins_known_act, false) as begins_known_act,
    coalesce(acts.ends_act_of_musicbrainz, false) as ends_act_of_musicbrainz,
    coalesce(acts.begins_act_of_musicbrainz, false) as begins_act_of_musicbrainz
from atoms
inner join described
    on
        atoms.artist_id = described.artist_id
        and atoms.atom_position = described.atom_position
left join {{ ref('int_credit_acts_recognised') }} as acts
    on
        atoms.artist_id = acts.artist_id
        and atoms.atom_position = acts.atom_position
