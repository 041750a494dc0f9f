with matched as (

    select * from {{ ref('int_albums_matched') }}

),

release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

named as (

    select
        matched.album_id,
        release_groups.title
        || coalesce(' (' || release_groups.artist_credit || ')', '')
        || ', ' || {{ number_text(rounded('matched.runner_up_score', 2)) }}
            as runner_up
    from matched
    inner join release_groups
        on
            matched.runner_up_id
            = release_groups.release_group_musicbrainz_id

)

select * from named
