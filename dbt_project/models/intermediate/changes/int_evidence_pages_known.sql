with release_groups as (

    select release_group_musicbrainz_id
    from {{ ref('stg_musicbrainz__release_groups') }}
    union all
    select release_group_musicbrainz_id
    from {{ ref('stg_listenbrainz__release_groups') }}

),

discogs_releases as (

    select * from {{ ref('stg_discogs__releases') }}

),

spotify_albums as (

    select * from {{ ref('stg_spotify__albums') }}

),

pages as (

    select
        {{ release_group_page('release_group_musicbrainz_id') }}
            as evidence_url
    from release_groups
    union
    select page_url
    from discogs_releases
    union
    select 'https://open.spotify.com/album/' || album_spotify_id
    from spotify_albums

),

known as (

    select evidence_url
    from pages
    where evidence_url is not null

)

select * from known
