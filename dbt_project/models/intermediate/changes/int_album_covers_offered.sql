{{ config(materialized='table') }}

-- Long because every source stands in it once, with the columns that all sources share.

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

parsed as (

    select * from {{ ref('int_albums_parsed') }}

),

matched as (

    select *
    from {{ ref('int_albums_matched') }}
    where verdict = 'certain'

),

release_group_covers as (

    select * from {{ ref('int_release_group_covers_known') }}

),

runner_ups as (

    select * from {{ ref('int_runner_ups_named') }}

),

discogs_releases as (

    select *
    from {{ ref('stg_discogs__releases') }}
    -- the grey placeholder of Discogs is no cover
    where image_url like 'https://%' and image_url not like '%spacer.gif%'

),

spotify_albums as (

    select * from {{ ref('int_spotify_albums_verified') }}

),

accepted as (

    select *
    from {{ ref('int_values_accepted') }}
    where field = 'image'

),

offered as (

    select
        matched.album_id,
        'cover_art_archive' as source,
        release_group_covers.image_url,
        {{ release_group_page('matched.release_group_musicbrainz_id') }}
            as evidence_url,
        release_group_covers.fetched_at,
        matched.score as confidence,
        'cover_of_release_group' as rule,
        runner_ups.runner_up
    from matched
    inner join release_group_covers
        on
            matched.release_group_musicbrainz_id
            = release_group_covers.release_group_musicbrainz_id
    left join runner_ups
        on matched.album_id = runner_ups.album_id
    union all
    select
        albums.album_id,
        'discogs',
        discogs_releases.image_url,
        discogs_releases.page_url,
        discogs_releases.fetched_at,
        -- the id that the person's own library gives: the very edition
        0.99,
        'cover_of_discogs_release',
        null
    from albums
    inner join discogs_releases
        on {{ trimmed('albums.discogs_id') }} = discogs_releases.release_discogs_id
    union all
    select
        parsed.album_id,
        'spotify',
        spotify_albums.image_url,
        spotify_albums.page_url,
        spotify_albums.fetched_at,
        -- title and artist are the same once folded, nothing else is known
        0.95,
        'cover_of_spotify_album',
        null
    from parsed
    inner join spotify_albums
        on parsed.album_id = spotify_albums.album_id
    where spotify_albums.is_same_album and spotify_albums.rank = 1
    union all
    select
        album_id, source, value, evidence_url, fetched_at, confidence, rule,
        runner_up
    from accepted

)

select * from offered
