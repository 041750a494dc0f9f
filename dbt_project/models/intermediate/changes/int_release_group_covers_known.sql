with front_covers as (

    select * from {{ ref('stg_cover_art_archive__front_covers') }}

),

listenbrainz_release_groups as (

    select * from {{ ref('stg_listenbrainz__release_groups') }}

),

-- the archive's own answer outweighs the copy of its index in ListenBrainz,
-- also when it says that there is no front cover any more
listed as (

    select
        listenbrainz_release_groups.release_group_musicbrainz_id,
        'https://coverartarchive.org/release/'
        || listenbrainz_release_groups.cover_release_musicbrainz_id
        || '/' || cast(listenbrainz_release_groups.cover_id as string)
        || '-500.jpg' as image_url,
        listenbrainz_release_groups.fetched_at
    from listenbrainz_release_groups
    left join front_covers
        on
            listenbrainz_release_groups.release_group_musicbrainz_id
            = front_covers.release_group_musicbrainz_id
    where
        front_covers.release_group_musicbrainz_id is null
        and listenbrainz_release_groups.cover_id is not null
        and listenbrainz_release_groups.cover_release_musicbrainz_id is not null

),

known as (

    select release_group_musicbrainz_id, image_url, fetched_at
    from front_covers
    where has_front and image_url is not null
    union all
    select release_group_musicbrainz_id, image_url, fetched_at
    from listed

)

select * from known
