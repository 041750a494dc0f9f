{{ config(materialized='keyed', sides=[
    {'key': 'title', 'inputs': {
        'int_title_words_kept': 'title',
        'int_title_segments_judged': 'title',
    }},
]) }}

-- Every title once: what names the work (core, subtitle), what only names the edition, what makes it another work.
-- Long by a few lines, for its keys: each reads the words of a title in another way.

with kept as (

    select * from {{ ref('int_title_words_kept') }}

),

segments as (

    select * from {{ ref('int_title_segments_judged') }}

),

-- the words of a title are put in order once, then read by each key
listed as (

    select
        title,
        {{ ordered_rows(['position', 'word', 'key_word', 'is_subtitle', 'is_light']) }} as words
    from kept
    group by title

),

keys as (

    select
        title,
        {{ joined_rows('words', 'word', 'not item.is_subtitle') }} as folded_main_title,
        coalesce(
            {{ joined_rows('words', 'key_word', 'not item.is_subtitle and not item.is_light') }},
            {{ joined_rows('words', 'key_word', 'not item.is_subtitle') }}
        ) as core,
        {{ joined_rows('words', 'key_word', 'item.is_subtitle and not item.is_light') }} as subtitle,
        coalesce(
            {{ joined_rows('words', 'key_word', 'not item.is_light', is_sorted=true) }},
            {{ joined_rows('words', 'key_word', 'true', is_sorted=true) }}
        ) as sorted_words,
        coalesce({{ joined_rows(
            'words', 'key_word', matches_pattern('item.key_word', '^([0-9]+|.)$') ~ ' and not item.is_light', is_sorted=true
        ) }}, '') as numbers
    from listed

),

marks as (

    select
        title,
        {{ join_text("case when kind in ('edition', 'year') then text end", '; ', 'segment') }} as edition_words,
        coalesce({{ join_text('other_works', ' ', 'segment') }}, '') as other_work_words,
        {{ join_text("case when kind = 'subtitle' and part = 'bracket' then text end", '; ', 'segment') }}
            as subtitle_text,
        bool_or(kind in ('edition', 'soundtrack', 'type', 'year', 'echo')) as is_cut,
        max(case when kind = 'year' then {{ try_integer('year_word') }} end) as year_hint,
        max(case when kind = 'type' then type_word end) as type_hint,
        bool_or(kind = 'soundtrack' or soundtracks > 0) as is_soundtrack
    from segments
    group by title

)

select
    keys.title,
    {{ fold_text('keys.title') }} as folded_title,
    keys.folded_main_title,
    keys.core,
    {{ replace_pattern('keys.core', ' ', '') }} as core_key,
    coalesce(keys.subtitle, '') as subtitle,
    keys.sorted_words,
    keys.numbers,
    marks.edition_words,
    marks.other_work_words,
    marks.subtitle_text,
    marks.is_cut,
    marks.year_hint,
    coalesce(
        marks.type_hint,
        case when {{ matches_pattern(fold_text('keys.title'), ' ep$') }} then 'ep' end
    ) as type_hint,
    marks.is_soundtrack
from keys
inner join marks
    on keys.title = marks.title
