{{ config(materialized='keyed', sides=[
    {'key': 'title', 'inputs': {
        'stg_library__albums': 'title',
        'stg_musicbrainz__release_groups': 'title',
    }},
]) }}

-- Every title cut into its head, its brackets and its tail (" - …", ": …", " / …"), word by word.
-- Long for its three cuts, each of which needs the one before: brackets, tails, words.

with albums as (

    select title from {{ ref('stg_library__albums') }}

),

release_groups as (

    select title from {{ ref('stg_musicbrainz__release_groups') }}

),

titles as (

    select title from albums where not {{ is_blank('title') }}
    union
    select title from release_groups where not {{ is_blank('title') }}

),

cut as (

    select
        title,
        {{ extract_all('title', bracket_pattern(), 1) }} as brackets,
        nullif({{ trimmed(replace_pattern('title', bracket_pattern(), ' ')) }}, '') as outside
    from titles

),

-- a title that is one bracket is its own head, and so is one that begins with a separator
parts as (

    select
        title,
        case when outside is not null then brackets else {{ empty_list() }} end as brackets,
        coalesce(
            {{ extract_pattern('outside', tail_pattern(), 1) }}, outside, title
        ) as head,
        {{ trimmed(extract_pattern('outside', tail_pattern(), 2)) }} as separator,
        {{ extract_pattern('outside', tail_pattern(), 3) }} as tail
    from cut

),

brackets as (

    {{ unnest_rows('parts', 'brackets', ['title']) }}

),

segments as (

    select title, 'head' as part, 0 as segment, {{ fold_text('head') }} as folded from parts
    union all
    select title, 'bracket' as part, cast(position as integer) as segment, {{ fold_text('item') }} as folded
    from brackets
    union all
    select
        title,
        case when separator = ':' then 'colon' else 'tail' end as part,
        99 as segment,
        {{ fold_text('tail') }} as folded
    from parts
    where tail is not null

),

words as (

    {{ unnest_rows('segments', split_words('folded'), ['title', 'part', 'segment'], item='word') }}

),

numbered as (

    select
        title,
        part,
        segment,
        cast(position as integer) as position,
        word,
        lead(word, 1) over in_segment as next_word,
        lead(word, 2) over in_segment as second_next_word,
        count(*) over (partition by title, segment) as word_count
    from words
    window in_segment as (partition by title, segment order by position)

)

select * from numbered
