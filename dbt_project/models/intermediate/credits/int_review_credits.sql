{{ config(materialized='table') }}

-- Long for the two answers that are offered with each question.

with judged as (

    select *
    from {{ ref('int_artist_credits_judged') }}
    where verdict = 'queue' and rule <> 'too_long'

),

albums as (

    select album_id, title from {{ ref('stg_library__albums') }}

),

linked as (

    select
        links.artist_id,
        min(links.album_id) as album_id
    from {{ ref('stg_library__album_artist') }} as links
    inner join albums
        on links.album_id = albums.album_id
    group by 1

),

-- the name cut at every separator, for whoever knows better than the rules
cut as (

    select
        artist_id,
        count(*) as atom_count,
        {{ join_text('atom', ' | ', 'atom_position') }} as acts
    from {{ ref('int_credit_atoms') }}
    group by 1

),

options as (

    select
        judged.artist_id,
        linked.album_id,
        judged.name,
        judged.reason,
        judged.confidence,
        judged.acts,
        case
            when judged.act_count > 1 then judged.acts
            -- "Anna & Quido Hölbling": both bear the name
            when judged.rule = 'family' and cut.atom_count = 2
                then replace(cut.acts, ' | ', ' ' || {{ extract_pattern('judged.name', '([^ ]+)$') }} || ' | ')
            else cut.acts
        end as split_acts,
        {{ rounded('case when judged.act_count > 1 then judged.confidence else 1 - judged.confidence end', 4) }} as split_score
    from judged
    inner join linked
        on judged.artist_id = linked.artist_id
    inner join cut
        on judged.artist_id = cut.artist_id

)

select
    {{ hash_text("'credit|' || cast(options.artist_id as string)") }} as queue_id,
    'credit' as kind,
    options.album_id,
    options.name as artist,
    albums.title,
    'artists' as field,
    options.reason,
    '[{"id":"split","artist":' || {{ json_quote('options.split_acts') }}
        || ',"score":' || {{ number_text('options.split_score') }}
        || '},{"id":"keep_whole","artist":' || {{ json_quote('options.name') }}
        || ',"score":' || {{ number_text(rounded('1 - options.split_score', 4)) }} || '}]' as candidates,
    options.confidence,
    options.acts as suggestion
from options
left join albums
    on options.album_id = albums.album_id
union all
select * from {{ ref('int_review_artist_spellings') }}
