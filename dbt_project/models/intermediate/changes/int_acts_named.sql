{{ config(materialized='table') }}

-- Long for its cases: an act may be in the library, new to it, or spelled otherwise there.

with splits as (

    select *
    from {{ ref('int_artist_credits_split') }}
    where is_applied

),

artists as (

    select
        artist_id,
        name,
        {{ fold_text('name') }} as folded_name
    from {{ ref('stg_library__artists') }}

),

-- an empty part, or a single act, is no split
sound as (

    select artist_id
    from splits
    group by 1
    having
        count(distinct {{ fold_text('act_name') }}) >= 2
        and count(*) = count({{ fold_text('act_name') }})

),

-- one act per joined name, at its first position
acts as (

    select
        splits.artist_id,
        {{ fold_text('splits.act_name') }} as folded_act,
        min(splits.act_position) as act_position,
        min({{ trimmed('splits.act_name') }}) as act_name,
        min(splits.rule) as rule,
        min(splits.confidence) as confidence
    from splits
    inner join sound
        on splits.artist_id = sound.artist_id
    group by 1, 2

),

-- two credits that spell a new act in two ways make one artist
spelled as (

    select folded_act, min(act_name) as new_name
    from acts
    group by 1

),

exact as (

    select name, min(artist_id) as artist_id
    from artists
    group by 1

),

-- two spellings in the library and neither is the credited one: a new name
folded as (

    select folded_name, min(artist_id) as artist_id, min(name) as name
    from artists
    group by 1
    having count(*) = 1

),

named as (

    select
        acts.artist_id,
        acts.act_position,
        acts.rule,
        acts.confidence,
        coalesce(exact.artist_id, folded.artist_id) as act_artist_id,
        coalesce(exact.name, folded.name, spelled.new_name) as act_name
    from acts
    inner join spelled
        on acts.folded_act = spelled.folded_act
    left join exact
        on acts.act_name = exact.name
    left join folded
        on acts.folded_act = folded.folded_name

)

select * from named
