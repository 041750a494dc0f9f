with albums as (

    select * from {{ ref('stg_library__albums') }}

),

matched as (

    select *
    from {{ ref('int_albums_matched') }}
    where verdict = 'certain'

),

release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

discogs_releases as (

    select * from {{ ref('stg_discogs__releases') }}

),

-- where a person can read the credit that a split follows
known as (

    select
        matched.album_id,
        'matched_release_group' as rule,
        {{ release_group_page('matched.release_group_musicbrainz_id') }}
            as evidence_url,
        release_groups.fetched_at
    from matched
    inner join release_groups
        on
            matched.release_group_musicbrainz_id
            = release_groups.release_group_musicbrainz_id
    union all
    select
        albums.album_id,
        'discogs',
        discogs_releases.page_url,
        discogs_releases.fetched_at
    from albums
    inner join discogs_releases
        on {{ trimmed('albums.discogs_id') }} = discogs_releases.release_discogs_id

)

select * from known
