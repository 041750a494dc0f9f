{{ config(materialized='table') }}

with scrobbles as (

    select * from {{ ref('stg_library__listening_history') }}

),

tracks as (

    select * from {{ ref('stg_library__tracks') }}

),

before as (

    select
        scrobble_id,
        track_id,
        played_at_epoch,
        lag(scrobble_id) over same_track as earlier_scrobble_id,
        played_at_epoch - lag(played_at_epoch) over same_track as seconds_apart
    from scrobbles
    where track_id is not null and played_at_epoch is not null
    window same_track as (
        partition by track_id
        order by played_at_epoch, scrobble_id
    )

),

-- the clocks of two players differ by up to 54 seconds; no track is heard
-- twice within that, unless it is shorter
duplicated as (

    select
        before.scrobble_id,
        before.track_id,
        tracks.album_id,
        tracks.title,
        before.played_at_epoch,
        before.earlier_scrobble_id,
        before.seconds_apart
    from before
    left join tracks
        on before.track_id = tracks.track_id
    where
        before.seconds_apart <= 54
        and before.seconds_apart < coalesce(tracks.duration_seconds, 55)

)

select * from duplicated
