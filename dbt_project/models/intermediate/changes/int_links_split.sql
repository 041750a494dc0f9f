{{ config(materialized='table') }}

with acts as (

    select * from {{ ref('int_acts_named') }}

),

linked as (

    select * from {{ ref('int_album_artists_linked') }}

),

judged as (

    select * from {{ ref('int_artist_credits_judged') }}

),

free as (

    select *
    from {{ ref('int_album_fields_free') }}
    where field = 'artists' and is_free

),

-- an act that is itself a joined name, or the very name that is split, leaves
-- the whole credit as it is
circular as (

    select distinct acts.artist_id
    from acts
    inner join (select distinct artist_id from acts) as joined_names
        on acts.act_artist_id = joined_names.artist_id

),

split as (

    select
        linked.album_id,
        linked.artist_id,
        linked.name as joined_name,
        acts.act_position,
        acts.act_artist_id,
        acts.act_name,
        acts.rule,
        acts.confidence,
        judged.reason,
        {{ hash_text(
            "'split|' || cast(linked.album_id as string) || '|'"
            " || cast(linked.artist_id as string)"
        ) }} as group_id,
        present.artist_id is not null as is_linked,
        row_number() over (
            partition by linked.album_id, acts.act_name
            order by linked.artist_id, acts.act_position
        ) as mention
    from linked
    inner join free
        on linked.album_id = free.album_id
    inner join acts
        on linked.artist_id = acts.artist_id
    left join circular
        on linked.artist_id = circular.artist_id
    left join judged
        on linked.artist_id = judged.artist_id
    left join linked as present
        on
            linked.album_id = present.album_id
            and acts.act_artist_id = present.artist_id
    where circular.artist_id is null

)

select * from split
