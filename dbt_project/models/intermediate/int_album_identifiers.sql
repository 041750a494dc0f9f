{{ config(materialized='table') }}

-- Release groups that an identifier in the library names: the album's Spotify address or its Discogs number.

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

urls as (

    select * from {{ ref('stg_musicbrainz__urls') }}

),

releases as (

    select * from {{ ref('stg_musicbrainz__release_group_releases') }}

),

album_keys as (

    select album_id, 'spotify:' || {{ extract_pattern('spotify_url', 'album[/:]([0-9A-Za-z]+)') }} as identifier
    from albums
    union
    select album_id, 'discogs:' || {{ extract_pattern(trimmed('discogs_id'), '^r?([0-9]+)$') }} as identifier
    from albums
    union
    select album_id, 'discogs:' || {{ extract_pattern('discogs_url', 'releases?/([0-9]+)') }} as identifier
    from albums

),

url_keys as (

    select
        coalesce(
            'spotify:' || {{ extract_pattern('resource', 'spotify[.]com/album/([0-9A-Za-z]+)') }},
            'discogs:' || {{ extract_pattern('resource', 'discogs[.]com/release/([0-9]+)') }}
        ) as identifier,
        release_musicbrainz_id,
        release_group_musicbrainz_id
    from urls

)

select distinct
    album_keys.album_id,
    coalesce(
        url_keys.release_group_musicbrainz_id, releases.release_group_musicbrainz_id
    ) as release_group_musicbrainz_id,
    album_keys.identifier
from album_keys
inner join url_keys
    on album_keys.identifier = url_keys.identifier
left join releases
    on url_keys.release_musicbrainz_id = releases.release_musicbrainz_id
where coalesce(url_keys.release_group_musicbrainz_id, releases.release_group_musicbrainz_id) is not null
