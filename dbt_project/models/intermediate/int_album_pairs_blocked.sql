{{ config(materialized='keyed', sides=[
    {'key': 'album_id', 'inputs': {
        'int_albums_parsed': 'album_id',
        'int_album_artist_keys': 'album_id',
        'int_album_identifiers': 'album_id',
        'int_album_look_ups': 'album_id',
        'stg_sillon__decisions': 'album_id',
    }},
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'int_release_groups_parsed': 'release_group_musicbrainz_id',
        'int_release_group_artist_keys': 'release_group_musicbrainz_id',
    }},
]) }}

-- Which release groups are worth comparing with which album. Every join is a hash join on folded keys; no string
-- distance is computed here, and no album meets every candidate.
-- Long because each way of meeting is a join of its own, so that none of them is a product.

with albums as (

    select * from {{ ref('int_albums_parsed') }}

),

release_groups as (

    select * from {{ ref('int_release_groups_parsed') }}

),

album_names as (

    select * from {{ ref('int_album_artist_keys') }}

),

release_group_names as (

    select * from {{ ref('int_release_group_artist_keys') }}

),

identifiers as (

    select * from {{ ref('int_album_identifiers') }}

),

look_ups as (

    select * from {{ ref('int_album_look_ups') }}

),

decisions as (

    select * from {{ ref('stg_sillon__decisions') }}

),

album_words as (

    {{ unnest_rows('albums', split_words("sorted_words || ' ' || core_key"), ['album_id'], item='word') }}

),

release_group_words as (

    {{ unnest_rows(
        'release_groups', split_words("sorted_words || ' ' || core_key"),
        ['release_group_musicbrainz_id'], item='word'
    ) }}

),

album_blocks as (

    select distinct
        album_names.album_id,
        album_names.artist_key,
        {{ word_prefix('album_words.word') }} as title_prefix
    from album_names
    inner join album_words
        on album_names.album_id = album_words.album_id

),

release_group_blocks as (

    select distinct
        release_group_names.release_group_musicbrainz_id,
        release_group_names.artist_key,
        {{ word_prefix('release_group_words.word') }} as title_prefix
    from release_group_names
    inner join release_group_words
        on release_group_names.release_group_musicbrainz_id = release_group_words.release_group_musicbrainz_id

),

-- Sizes are counted beside the blocks, not joined to what met: joined, the planner puts both sizes of an artist together
-- first, every album with every release group, eleven million rows where one million met.
album_blocks_sized as (

    select
        *,
        count(*) over (partition by album_id, artist_key) as prefixes
    from album_blocks

),

release_group_blocks_sized as (

    select
        *,
        count(*) over (partition by release_group_musicbrainz_id, artist_key) as prefixes
    from release_group_blocks

),

met as (

    select
        albums.album_id,
        release_groups.release_group_musicbrainz_id,
        albums.artist_key,
        count(*) as prefixes,
        min(albums.prefixes) as album_prefixes,
        min(release_groups.prefixes) as release_group_prefixes
    from album_blocks_sized as albums
    inner join release_group_blocks_sized as release_groups
        on albums.artist_key = release_groups.artist_key
        and albums.title_prefix = release_groups.title_prefix
    group by albums.album_id, release_groups.release_group_musicbrainz_id, albums.artist_key

),

-- the same artist, and half of the words of the shorter title at least
by_artist as (

    select album_id, release_group_musicbrainz_id
    from met
    where prefixes * 2 >= least(album_prefixes, release_group_prefixes)

),

-- made distinct first, so that title and artist are one key: "Greatest Hits" alone would meet every other one
album_titles as (

    select distinct albums.album_id, albums.core_key, album_names.name_prefix
    from albums
    inner join album_names
        on albums.album_id = album_names.album_id

),

release_group_titles as (

    select distinct
        release_groups.release_group_musicbrainz_id,
        release_groups.core_key,
        release_group_names.name_prefix
    from release_groups
    inner join release_group_names
        on release_groups.release_group_musicbrainz_id = release_group_names.release_group_musicbrainz_id

),

by_title as (

    select album_titles.album_id, release_group_titles.release_group_musicbrainz_id
    from album_titles
    inner join release_group_titles
        on album_titles.core_key = release_group_titles.core_key
        and album_titles.name_prefix = release_group_titles.name_prefix

),

-- a soundtrack or a compilation may be known by one track's artist only
by_cast as (

    select albums.album_id, release_groups.release_group_musicbrainz_id
    from albums
    inner join release_groups
        on albums.core_key = release_groups.core_key
    where (release_groups.is_various or release_groups.is_soundtrack)
        and (albums.is_various or albums.is_soundtrack or albums.artist_count > 1)

),

by_identifier as (

    select album_id, release_group_musicbrainz_id from identifiers

),

by_look_up as (

    select album_id, release_group_musicbrainz_id from look_ups

),

by_decision as (

    select album_id, lower(value) as release_group_musicbrainz_id
    from decisions
    where field = 'match'
        and decision = 'accept'
        and value is not null

)

select album_id, release_group_musicbrainz_id from by_artist
union
select album_id, release_group_musicbrainz_id from by_title
union
select album_id, release_group_musicbrainz_id from by_cast
union
select album_id, release_group_musicbrainz_id from by_identifier
union
select album_id, release_group_musicbrainz_id from by_look_up
union
select album_id, release_group_musicbrainz_id from by_decision
