{{ config(materialized='keyed', sides=[
    {'key': 'name', 'inputs': {
        'stg_library__artists': 'name',
        'stg_musicbrainz__release_groups': 'artist_credit',
        'stg_musicbrainz__release_group_credits': ['name', 'artist_name'],
    }},
]) }}

-- Every artist name once, with the keys by which two spellings of it meet.
-- Long because one name has a key for each way in which it may be met.

with library_artists as (

    select * from {{ ref('stg_library__artists') }}

),

release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

credits as (

    select * from {{ ref('stg_musicbrainz__release_group_credits') }}

),

neutral_words as (

    select * from {{ ref('neutral_words') }}

),

other_work_words as (

    select * from {{ ref('other_work_words') }}

),

names as (

    select name from library_artists where not {{ is_blank('name') }}
    union
    select artist_credit as name from release_groups where not {{ is_blank('artist_credit') }}
    union
    select name from credits where not {{ is_blank('name') }}
    union
    select artist_name as name from credits where not {{ is_blank('artist_name') }}

),

folded as (

    select
        name,
        {{ fold_text('name') }} as folded_name
    from names

),

words as (

    {{ unnest_rows('folded', split_words('folded_name'), ['name', 'folded_name'], item='word') }}

),

read as (

    select
        words.name,
        words.folded_name,
        words.word,
        words.position,
        coalesce(neutral_words.role = 'function', false) as is_function,
        min(case when neutral_words.role = 'guest' and words.position > 1 then words.position end)
            over (partition by words.name) as guest_position,
        other_work_words.meaning in ('tribute', 'karaoke') as is_imitation
    from words
    left join neutral_words
        on words.word = neutral_words.word
        and neutral_words.role in ('function', 'guest')
    left join other_work_words
        on words.word = other_work_words.term

),

keyed as (

    select
        name,
        folded_name,
        coalesce(
            {{ join_text("case when not is_function then word end", ' ', 'position') }}, folded_name
        ) as artist_words,
        coalesce(
            {{ join_text(
                "case when not is_function and position < coalesce(guest_position, 1000) then word end",
                ' ', 'position'
            ) }},
            folded_name
        ) as lead_words,
        coalesce(bool_or(is_imitation), false) as is_imitation
    from read
    group by name, folded_name

)

select
    keyed.name,
    keyed.folded_name,
    keyed.artist_words,
    {{ replace_pattern('keyed.artist_words', ' ', '') }} as artist_key,
    {{ replace_pattern('keyed.lead_words', ' ', '') }} as lead_key,
    keyed.is_imitation,
    neutral_words.word is not null as is_various
from keyed
left join neutral_words
    on keyed.folded_name = neutral_words.word
    and neutral_words.role = 'various'
