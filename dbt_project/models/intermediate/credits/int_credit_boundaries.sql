{{ config(materialized='table') }}

with atoms as (

    select * from {{ ref('int_credit_atoms_described') }}

),

guests as (

    select
        artist_id,
        min(atom_position) as first_guest
    from atoms
    where kind = 'guest'
    group by 1

),

-- boundaries inside a name that is one known act
inside as (

    select distinct
        atoms.artist_id,
        atoms.atom_position
    from atoms
    inner join {{ ref('int_credit_spans_known') }} as spans
        on
            atoms.artist_id = spans.artist_id
            and atoms.atom_position > spans.first_atom
            and atoms.atom_position <= spans.last_atom

)

select
    atoms.*,
    before.atom as atom_before,
    before.word_count as word_count_before,
    before.begins_with_given_name as begins_with_given_name_before,
    before.is_all_given_names as is_all_given_names_before,
    before.is_phrase as is_phrase_before,
    before.is_ensemble as is_ensemble_before,
    before.begins_with_article as begins_with_article_before,
    before.holds_place as holds_place_before,
    before.ends_known_act as is_known_before,
    before.ends_known_act and atoms.begins_known_act as are_known,
    before.ends_act_of_musicbrainz and atoms.begins_act_of_musicbrainz as are_known_to_musicbrainz,
    inside.artist_id is not null as is_inside_known_act,
    coalesce(atoms.atom_position > guests.first_guest, false) as is_among_guests,
    segments.segment_size,
    segments.segment_lists,
    segments.segment_pairs,
    segments.is_of_single_words,
    segments.holds_ensemble,
    segments.holds_known_act
from atoms
inner join atoms as before
    on
        atoms.artist_id = before.artist_id
        and atoms.atom_position = before.atom_position + 1
inner join {{ ref('int_credit_segments') }} as segments
    on
        atoms.artist_id = segments.artist_id
        and atoms.segment = segments.segment
left join guests
    on atoms.artist_id = guests.artist_id
left join inside
    on
        atoms.artist_id = inside.artist_id
        and atoms.atom_position = inside.atom_position
