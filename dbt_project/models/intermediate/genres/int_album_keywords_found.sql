{{ config(materialized='keyed', sides=[{'key': 'album_id', 'inputs': {'int_album_words_listed': 'album_id'}}]) }}

-- Long because a phrase is met by its beginning, compared to its end, and may be silenced by another.

with texts as (

    select * from {{ ref('int_album_words_listed') }}

),

keywords as (

    select * from {{ ref('int_genre_keywords_folded') }}

),

shielded as (

    select * from {{ ref('int_genre_keywords_shielded') }}

),

begun as (

    {{ unnest_rows(
        'texts',
        word_beginnings('words'),
        ['text_key', 'album_id', 'place', 'words'],
        'beginning'
    ) }}

),

-- the two-word beginnings stand behind the single words
found as (

    select distinct
        begun.text_key,
        begun.album_id,
        begun.place,
        keywords.scope,
        keywords.phrase,
        keywords.genre,
        keywords.weight
    from begun
    inner join keywords
        on
            begun.beginning = keywords.beginning
            and (keywords.scope = begun.place
                or (keywords.scope = 'title' and begun.place = 'album'))
    where keywords.word_count <= 2
        or {{ word_run(
            'begun.words',
            '(begun.position - ' ~ list_size('begun.words') ~ ')',
            'keywords.word_count'
        ) }} = keywords.phrase

),

silenced as (

    select distinct
        found.text_key,
        found.album_id,
        found.scope,
        shielded.phrase
    from found
    inner join shielded
        on
            found.phrase = shielded.longer_phrase
            and found.scope = shielded.scope

),

heard as (

    select found.*
    from found
    left join silenced
        on
            found.text_key = silenced.text_key
            and found.album_id = silenced.album_id
            and found.scope = silenced.scope
            and found.phrase = silenced.phrase
    where silenced.phrase is null
        and found.weight > 0

)

select * from heard
