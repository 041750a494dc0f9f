{{ config(materialized='keyed', sides=[{'key': 'title', 'inputs': {'int_title_words': 'title'}}]) }}

-- What each head, bracket and tail of a title is: an edition, another work, a subtitle, a soundtrack, a guest, a year.
-- Long for its signs: a segment is judged by its words, its terms and the words of the head together.

with words as (

    select * from {{ ref('int_title_words') }}

),

edition_words as (

    select * from {{ ref('edition_words') }}

),

neutral_words as (

    select * from {{ ref('neutral_words') }}

),

other_work_words as (

    select * from {{ ref('other_work_words') }}

),

head_words as (

    select distinct title, word from words where part = 'head'

),

read as (

    select
        words.*,
        words.part <> 'head' and head_words.word is not null as is_echo,
        coalesce(neutral_words.role in ('number', 'roman'), false) as is_figure,
        coalesce(
            edition_words.role,
            case when neutral_words.role in ('function', 'number', 'guest') then neutral_words.role end,
            {{ word_form('words.word') }}
        ) as role
    from words
    left join head_words
        on words.title = head_words.title
        and words.word = head_words.word
    left join edition_words
        on words.word = edition_words.word
    left join neutral_words
        on words.word = neutral_words.word

),

terms as (

    select title, segment, word as term, is_echo from read
    union all
    select title, segment, word || ' ' || next_word, false from read where next_word is not null
    union all
    select title, segment, word || ' ' || next_word || ' ' || second_next_word, false
    from read
    where second_next_word is not null

),

other_works as (

    select
        terms.title,
        terms.segment,
        {{ join_text('other_work_words.meaning', ' ', 'other_work_words.meaning', distinct_only=true) }} as other_works
    from terms
    inner join other_work_words
        on terms.term = other_work_words.term
    where not terms.is_echo
    group by terms.title, terms.segment

),

counted as (

    select
        title,
        part,
        segment,
        {{ join_text('word', ' ', 'position') }} as text,
        count(*) as words,
        count(*) filter (where is_echo or role is not null) as known,
        count(*) filter (where is_echo) as echoes,
        count(*) filter (where role = 'mark') as marks,
        count(*) filter (where role = 'sign') as signs,
        count(*) filter (where role in ('format', 'place', 'catalogue')) as formats,
        count(*) filter (where {{ matches_pattern('word', '^[0-9]{5,}$') }}) as catalogues,
        count(*) filter (where role = 'soundtrack') as soundtracks,
        count(*) filter (where role = 'film') as films,
        count(*) filter (where role = 'type') as types,
        count(*) filter (where role = 'year') as years,
        count(*) filter (where role = 'guest' and position = 1) as guests,
        count(*) filter (where role = 'sign' and position = word_count) as closing_signs,
        count(*) filter (where position = word_count and (
            {{ matches_pattern('word', '^[0-9]{1,2}$') }} or is_figure
        )) as closing_numbers,
        max(case when role = 'type' then word end) as type_word,
        max(case when role = 'year' then word end) as year_word
    from read
    group by title, part, segment

),

judged as (

    select
        counted.*,
        other_works.other_works,
        case
            when counted.part = 'head' then 'head'
            when counted.guests > 0 then 'guest'
            when other_works.other_works is not null then 'other_work'
            when counted.soundtracks + counted.films > 1 and counted.closing_numbers > 0 then 'other_work'
            when counted.soundtracks > 0 or counted.films > 1 then 'soundtrack'
            when counted.echoes = counted.words and counted.part = 'bracket' then 'echo'
            when counted.words = 1 and counted.years = 1 and counted.part = 'bracket' then 'year'
            when counted.types > 0 and counted.known = counted.words then 'type'
            when counted.marks > 0 and (
                counted.part = 'bracket'
                or counted.known = counted.words
                or (counted.part = 'tail' and counted.words <= 3)
            ) then 'edition'
            when counted.known = counted.words and counted.signs + counted.formats > 0 then 'edition'
            when counted.catalogues > 0 and counted.words <= 4 and counted.part = 'bracket' then 'edition'
            when counted.closing_signs > 0 and counted.part = 'bracket' then 'edition'
            else 'subtitle'
        end as kind
    from counted
    left join other_works
        on counted.title = other_works.title
        and counted.segment = other_works.segment

)

select * from judged
