with listenbrainz_release_groups as (

    select * from {{ ref('stg_listenbrainz__release_groups') }}

),

musicbrainz_release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

discogs_releases as (

    select * from {{ ref('stg_discogs__releases') }}

),

dated as (

    select
        'listenbrainz' as source,
        release_group_musicbrainz_id as source_key,
        {{ release_group_page('release_group_musicbrainz_id') }}
            as evidence_url,
        fetched_at
    from listenbrainz_release_groups
    union all
    select
        'musicbrainz',
        release_group_musicbrainz_id,
        {{ release_group_page('release_group_musicbrainz_id') }},
        fetched_at
    from musicbrainz_release_groups
    union all
    select
        'discogs',
        release_discogs_id,
        page_url,
        fetched_at
    from discogs_releases

)

select * from dated
