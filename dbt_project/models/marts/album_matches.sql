-- Which release group each album is, why, and how far the next one was.

with matched as (

    select * from {{ ref('int_albums_matched') }}

),

albums as (

    select * from {{ ref('int_albums_parsed') }}

),

release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

)

select
    cast(matched.album_id as bigint) as album_id,
    albums.title,
    albums.artist_display as artist,
    matched.release_group_musicbrainz_id,
    chosen.title as release_group_title,
    chosen.artist_credit as release_group_artist,
    coalesce(chosen.primary_type || coalesce(' + ' || chosen.secondary_types, ''), chosen.secondary_types)
        as release_group_type,
    chosen.first_release_date,
    cast(matched.score as double) as score,
    matched.runner_up_id,
    runner_up.title as runner_up_title,
    runner_up.artist_credit as runner_up_artist,
    cast(matched.runner_up_score as double) as runner_up_score,
    cast(matched.gap as double) as gap,
    cast(matched.candidates as integer) as candidates,
    matched.evidence,
    matched.verdict,
    matched.method,
    'https://musicbrainz.org/release-group/' || matched.release_group_musicbrainz_id as evidence_url
from matched
inner join albums
    on matched.album_id = albums.album_id
left join release_groups as chosen
    on matched.release_group_musicbrainz_id = chosen.release_group_musicbrainz_id
left join release_groups as runner_up
    on matched.runner_up_id = runner_up.release_group_musicbrainz_id
