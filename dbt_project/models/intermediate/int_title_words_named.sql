{{ config(materialized='keyed', sides=[
    {'key': 'title', 'inputs': {
        'int_title_words': 'title',
        'int_title_segments_judged': 'title',
    }},
]) }}

-- The words that name the work, as they count in a key: figures as figures, "Vol." as volume.
-- Long for the words that stand for one another: Vol. and Volume, Pt. and Part, II and 2.

with words as (

    select * from {{ ref('int_title_words') }}

),

segments as (

    select * from {{ ref('int_title_segments_judged') }}

),

edition_words as (

    select * from {{ ref('edition_words') }}

),

neutral_words as (

    select * from {{ ref('neutral_words') }}

),

-- the words that name the work: a tail that is no edition belongs to the head
naming as (

    select
        words.title,
        words.segment * 1000 + words.position as position,
        words.word,
        words.next_word,
        segments.part = 'bracket' as is_subtitle
    from words
    inner join segments
        on words.title = segments.title
        and words.segment = segments.segment
    where segments.kind in ('head', 'subtitle', 'other_work')

),

numbered as (

    select
        *,
        position = max(position) over of_part
            and position > min(position) over of_part as is_last_word
    from naming
    window of_part as (partition by title, is_subtitle)

),

named as (

    select
        words.title,
        words.position,
        words.word,
        words.is_subtitle,
        edition_words.role as edition_role,
        {{ word_form('words.word') }} as form,
        words.next_word,
        case
            when neutral_words.role in ('number', 'roman') then cast(neutral_words.number as string)
            when neutral_words.role = 'roman_last' and is_last_word then cast(neutral_words.number as string)
            when words.word in ('vol', 'vols', 'volume', 'volumes', 'tome', 'volumen') then 'volume'
            when words.word in ('pt', 'pts', 'part', 'parts', 'partie', 'teil', 'parte') then 'part'
            when words.word in ('no', 'nr', 'num', 'number', 'numero', 'nummer')
                and {{ matches_pattern("coalesce(words.next_word, '')", '^[0-9]+$') }} then 'number'
            when {{ matches_pattern('words.word', '^0[0-9]$') }} then substr(words.word, 2)
            else words.word
        end as key_word,
        neutral_words.role = 'function' as is_function
    from numbered as words
    left join edition_words
        on words.word = edition_words.word
    left join neutral_words
        on words.word = neutral_words.word
        and neutral_words.role <> 'various'

)

select * from named
