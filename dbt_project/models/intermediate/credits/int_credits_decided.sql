{{ config(materialized='table') }}

-- What the person decided about a name: kept whole, or the acts that it joins.

with artists as (

    select
        artist_id,
        name,
        {{ fold_text('name') }} as folded_name
    from {{ ref('stg_library__artists') }}

),

decisions as (

    select
        {{ fold_text('artist') }} as folded_name,
        decision,
        value,
        row_number() over (
            partition by {{ fold_text('artist') }}
            order by decided_at desc nulls last, decision
        ) as newest_first
    from {{ ref('stg_sillon__decisions') }}
    where decision in ('keep_whole', 'split')
        and artist is not null

),

decided as (

    select
        artists.artist_id,
        {{ split_pieces(
            "case when decisions.decision = 'split' then decisions.value else replace(artists.name, '|', chr(1)) end",
            '|',
        ) }} as acts
    from decisions
    inner join artists
        on decisions.folded_name = artists.folded_name
    where decisions.newest_first = 1
        and not (decisions.decision = 'split' and decisions.value is null)

),

pieces as (

    {{ unnest_rows('decided', 'acts', ['artist_id'], 'act_name') }}

),

-- an empty part is no act
named as (

    select
        artist_id,
        position,
        {{ trimmed("replace(act_name, chr(1), '|')") }} as act_name
    from pieces
    where not {{ is_blank('act_name') }}

)

select
    artist_id,
    row_number() over (partition by artist_id order by position) as act_position,
    act_name,
    count(*) over (partition by artist_id) as act_count
from named
