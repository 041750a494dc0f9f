{{ config(materialized='table') }}

-- Long for the three ways in which a link can end: kept, split tonight, joined again.

with linked as (

    select * from {{ ref('int_album_artists_linked') }}

),

split as (

    select * from {{ ref('int_links_split') }}

),

earlier_splits as (

    select * from {{ ref('int_links_split_earlier') }}

),

rejoined as (

    select * from {{ ref('int_links_rejoined') }}

),

gone as (

    select album_id, artist_id from split
    union
    select album_id, artist_id from rejoined

),

-- acts stand where the joined name stood, tonight and on every later night
kept as (

    select
        linked.album_id,
        linked.artist_id,
        linked.name,
        coalesce(earlier_splits.joined_artist_id, linked.artist_id) as place,
        coalesce(earlier_splits.position_in_name, 0) as position_in_name,
        0 as is_added,
        false as is_new_link
    from linked
    left join gone
        on
            linked.album_id = gone.album_id
            and linked.artist_id = gone.artist_id
    left join earlier_splits
        on
            linked.album_id = earlier_splits.album_id
            and linked.name = earlier_splits.act_name
    where gone.artist_id is null

),

added as (

    select
        album_id,
        act_artist_id as artist_id,
        act_name as name,
        artist_id as place,
        instr(joined_name, act_name) as position_in_name,
        1 as is_added,
        not is_linked as is_new_link
    from split
    union all
    select distinct
        album_id, joined_artist_id, joined_name, joined_artist_id, 0, 1, true
    from rejoined

),

together as (

    select * from kept
    union all
    select * from added

),

-- an act that was linked already and is named in a split stays where it was
once as (

    select
        *,
        row_number() over (
            partition by album_id, name
            order by is_added, place, position_in_name
        ) as mention
    from together

),

settled as (

    select
        album_id,
        artist_id,
        name,
        is_new_link,
        row_number() over (
            partition by album_id
            order by place, position_in_name, name
        ) as position
    from once
    where mention = 1

)

select * from settled
