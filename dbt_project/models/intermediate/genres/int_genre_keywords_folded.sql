{{ config(materialized='table') }}

with keywords as (

    select * from {{ ref('genre_keywords') }}

),

-- folding drops "#", the sign for any number: a word that nobody writes
-- carries it through
folded as (

    select
        {{ split_words(fold_text("replace(keyword, '#', ' zqanynumberzq ')")) }}
            as folded_words,
        lower({{ trimmed('genre') }}) as genre,
        weight,
        coalesce(nullif(lower({{ trimmed('scope') }}), ''), 'title') as scope
    from keywords

),

phrased as (

    select
        replace(
            {{ join_list('folded_words', ' ') }}, 'zqanynumberzq', '#'
        ) as phrase,
        genre,
        weight,
        scope
    from folded

),

counted as (

    select
        phrase,
        genre,
        scope,
        max(weight) as weight,
        {{ split_words('phrase') }} as words,
        {{ list_size(split_words('phrase')) }} as word_count
    from phrased
    where phrase <> ''
    group by phrase, genre, scope

)

select
    phrase,
    genre,
    scope,
    weight,
    words,
    word_count,
    {{ word_run('words', '1', '2') }} as beginning
from counted
