{{ config(materialized='table') }}

{#- No known act holds more parts than this ("Dave Dee, Dozy, Beaky, Mick & Tich" has five). -#}
{% set longest = 6 %}

with words as (

    select * from {{ ref('int_credit_words_judged') }}

),

atoms as (

    select * from {{ ref('int_credit_atoms') }}

),

acts as (

    select * from {{ ref('int_acts_known') }}

),

spans as (

    select
        first_atoms.artist_id,
        first_atoms.atom_count,
        first_atoms.atom_position as first_atom,
        last_atoms.atom_position as last_atom
    from atoms as first_atoms
    inner join atoms as last_atoms
        on
            first_atoms.artist_id = last_atoms.artist_id
            and last_atoms.atom_position
            between first_atoms.atom_position and first_atoms.atom_position + {{ longest - 1 }}
    where first_atoms.atom_count > 1

),

spelled as (

    select
        spans.artist_id,
        spans.first_atom,
        spans.last_atom,
        spans.first_atom = 1 and spans.last_atom = max(spans.atom_count) as is_whole,
        {{ join_text('words.spelling', '', 'words.position') }} as span_text
    from spans
    inner join words
        on
            spans.artist_id = words.artist_id
            and words.atom_position between spans.first_atom and spans.last_atom
            and not (words.is_separator and words.atom_position = spans.first_atom)
    group by 1, 2, 3

),

known as (

    select
        spelled.artist_id,
        spelled.first_atom,
        spelled.last_atom,
        spelled.is_whole,
        acts.evidence,
        acts.precedence
    from spelled
    inner join acts
        on {{ act_key('spelled.span_text') }} = acts.act_key

)

select * from known
