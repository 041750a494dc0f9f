{{ config(materialized='table') }}

with keywords as (

    select distinct
        phrase,
        scope,
        words,
        word_count
    from {{ ref('int_genre_keywords_folded') }}

),

placed as (

    {{ unnest_rows('keywords', 'words', ['phrase', 'scope', 'words'], 'word') }}

),

shielded as (

    select distinct
        shorter.phrase,
        shorter.scope,
        longer.phrase as longer_phrase
    from placed as longer
    inner join keywords as shorter
        on
            longer.word = {{ first_item('shorter.words') }}
            and longer.scope = shorter.scope
            and {{ word_run(
                'longer.words', 'longer.position', 'shorter.word_count'
            ) }} = shorter.phrase
    where longer.phrase <> shorter.phrase

)

select * from shielded
