{{ config(materialized='table') }}

with artists as (

    select * from {{ ref('stg_library__artists') }}

),

acts as (

    select * from {{ ref('int_credit_acts_chosen') }}

),

chosen as (

    select
        artist_id,
        max(rule) as rule,
        max(confidence) as confidence,
        max(reason) as reason,
        max(case when is_split then 1 else 0 end) = 1 as is_split,
        min(case when is_all_certain then 1 else 0 end) = 1 as is_all_certain,
        count(*) as act_count,
        {{ join_text('act_name', ' | ', 'act_position') }} as acts
    from acts
    group by 1

),

linked as (

    select distinct links.artist_id
    from {{ ref('stg_library__album_artist') }} as links
    inner join {{ ref('stg_library__albums') }} as albums
        on links.album_id = albums.album_id

),

judged as (

    select
        artists.artist_id,
        artists.name,
        case
            when chosen.artist_id is null and length(artists.name) <= {{ longest_credit() }} then 'keep'
            when chosen.artist_id is null then 'queue'
            when not chosen.is_all_certain then 'queue'
            when chosen.is_split then 'split'
            else 'keep'
        end as verdict,
        coalesce(chosen.rule, case when length(artists.name) <= {{ longest_credit() }} then 'no_separator' else 'too_long' end) as rule,
        coalesce(chosen.confidence, 1) as confidence,
        coalesce(
            chosen.reason,
            case when length(artists.name) <= {{ longest_credit() }} then 'the name holds no separator' end,
            'the name is too long for a credit'
        ) as reason,
        coalesce(chosen.act_count, 1) as act_count,
        case when chosen.is_split then chosen.acts else artists.name end as acts,
        linked.artist_id is not null as is_linked
    from artists
    left join chosen
        on artists.artist_id = chosen.artist_id
    left join linked
        on artists.artist_id = linked.artist_id

)

select
    *,
    verdict = 'split' as is_applied,
    verdict = 'split' and is_linked as is_malformed
from judged
