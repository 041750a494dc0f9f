{{ config(materialized='table') }}

-- Every title once: what names the work (core, subtitle), what only names the edition, what makes it another work.

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
            when neutral_words.role in ('number', 'roman') then cast(neutral_words.number as varchar)
            when neutral_words.role = 'roman_last' and is_last_word then cast(neutral_words.number as varchar)
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

),

-- "… Deluxe Edition", "… 2015 Remaster", "… CD 1" without a bracket: cut from its first mark to the end
suffixes as (

    select
        *,
        not is_subtitle and position > 1 and (
            edition_role = 'mark'
            or (edition_role = 'format' and word in ('cd', 'disc', 'disk', 'disque')
                and {{ matches_pattern("coalesce(next_word, '')", '^[0-9]$') }})
            or (word = 'ep' and next_word is null)
        ) as is_mark,
        max(case when edition_role is null and form is null and not coalesce(is_function, false)
            and not is_subtitle then position else 0 end) over (partition by title) as last_named_position,
        lag(coalesce(form, edition_role)) over (partition by title order by position) as role_before,
        lag(coalesce(form, edition_role), 2) over (partition by title order by position) as role_two_before
    from named

),

cuts as (

    select
        title,
        min(
            case
                when role_before in ('ordinal', 'sign') then position - 1
                when role_before = 'year' and coalesce(role_two_before, '') not in ('year', 'number') then position - 1
                else position
            end
        ) as cut_position
    from suffixes
    where is_mark
        and position > last_named_position
    group by title

),

kept as (

    select
        named.*,
        coalesce(named.is_function, false) as is_light
    from named
    left join cuts
        on named.title = cuts.title
    where named.is_subtitle
        or named.position < greatest(coalesce(cuts.cut_position, 1000000), 2)

),

keys as (

    select
        title,
        {{ join_text('case when not is_subtitle then word end', ' ', 'position') }} as folded_main_title,
        coalesce(
            {{ join_text('case when not is_subtitle and not is_light then key_word end', ' ', 'position') }},
            {{ join_text('case when not is_subtitle then key_word end', ' ', 'position') }}
        ) as core,
        {{ join_text('case when is_subtitle and not is_light then key_word end', ' ', 'position') }} as subtitle,
        coalesce(
            {{ join_text('case when not is_light then key_word end', ' ', 'key_word') }},
            {{ join_text('key_word', ' ', 'key_word') }}
        ) as sorted_words,
        coalesce({{ join_text(
            "case when " ~ matches_pattern('key_word', '^([0-9]+|.)$') ~ " and not is_light then key_word end", ' ', 'key_word'
        ) }}, '') as numbers
    from kept
    group by title

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
