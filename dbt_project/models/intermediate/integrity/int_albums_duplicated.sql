{{ config(materialized='table') }}

-- Long because two kinds of evidence, release group and title, each make pairs.

with albums as (

    select
        album_id,
        title,
        support,
        {{ fold_text('left(title, 1000)') }} as folded_title
    from {{ ref('stg_library__albums') }}

),

linked as (

    select * from {{ ref('int_album_artists_linked') }}

),

matched as (

    select *
    from {{ ref('int_albums_matched') }}
    where verdict = 'certain'

),

credited as (

    select
        album_id,
        {{ join_text(fold_text('name'), '|', fold_text('name')) }} as artists
    from linked
    group by 1

),

keyed as (

    select
        albums.album_id,
        albums.title,
        albums.support,
        'same_title_and_artist' as reason,
        albums.folded_title || '|' || credited.artists as shared
    from albums
    inner join credited
        on albums.album_id = credited.album_id
    where albums.folded_title is not null
    union all
    select
        albums.album_id,
        albums.title,
        albums.support,
        'same_release_group',
        matched.release_group_musicbrainz_id
    from albums
    inner join matched
        on albums.album_id = matched.album_id

),

grouped as (

    select
        *,
        min(album_id) over (partition by reason, shared) as first_album_id,
        row_number() over (
            partition by reason, shared
            order by album_id
        ) as rank
    from keyed

),

-- one row per album that repeats an earlier one, by the stronger reason
duplicated as (

    select
        *,
        row_number() over (
            partition by album_id
            order by case when reason = 'same_title_and_artist' then 0 else 1 end
        ) as strength
    from grouped
    where rank > 1

)

select
    duplicated.album_id,
    duplicated.title,
    duplicated.support,
    duplicated.reason,
    duplicated.shared,
    duplicated.first_album_id,
    albums.title as first_title,
    albums.support as first_support
from duplicated
inner join albums
    on duplicated.first_album_id = albums.album_id
where duplicated.strength = 1
