with atoms as (

    select
        artist_id,
        atom_position,
        {{ split_words(fold_text('atom')) }} as words
    from {{ ref('int_credit_atoms') }}
    where atom_count > 1

),

cut as (

    {{ unnest_rows('atoms', 'words', ['artist_id', 'atom_position'], 'word') }}

),

given_names as (

    select distinct {{ fold_text('given_name') }} as given_name
    from {{ ref('given_names') }}

),

-- one column per kind, because a word may be of several
kinds as (

    select
        word,
        max(case when kind = 'article' then 1 else 0 end) = 1 as is_article,
        max(case when kind = 'possessive' then 1 else 0 end) = 1 as is_possessive,
        max(case when kind = 'following' then 1 else 0 end) = 1 as is_following,
        max(case when kind = 'suffix' then 1 else 0 end) = 1 as is_suffix,
        max(case when kind = 'opening' then 1 else 0 end) = 1 as is_opening,
        max(case when kind = 'place' then 1 else 0 end) = 1 as is_place,
        max(case when kind = 'particle' then 1 else 0 end) = 1 as is_particle,
        max(case when kind = 'band' then 1 else 0 end) = 1 as is_band
    from {{ ref('credit_words') }}
    group by 1

),

ensembles as (

    select distinct {{ fold_text('ensemble_word') }} as ensemble_word
    from {{ ref('ensemble_words') }}

)

select
    cut.artist_id,
    cut.atom_position,
    cut.position,
    cut.word,
    given_names.given_name is not null as is_given_name,
    ensembles.ensemble_word is not null as is_ensemble,
    length(cut.word) = 1 as is_initial,
    coalesce(kinds.is_article, false) as is_article,
    coalesce(kinds.is_possessive, false) as is_possessive,
    coalesce(kinds.is_following, false) as is_following,
    coalesce(kinds.is_suffix, false) as is_suffix,
    coalesce(kinds.is_opening, false) as is_opening,
    coalesce(kinds.is_place, false) as is_place,
    coalesce(kinds.is_particle, false) as is_particle,
    coalesce(kinds.is_band, false) as is_band
from cut
left join given_names
    on cut.word = given_names.given_name
left join ensembles
    on cut.word = ensembles.ensemble_word
left join kinds
    on cut.word = kinds.word
