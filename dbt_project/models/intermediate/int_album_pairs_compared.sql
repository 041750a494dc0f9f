{{ config(materialized='keyed', sides=[
    {'key': 'album_id', 'inputs': {
        'int_album_pairs_blocked': 'album_id',
        'int_albums_parsed': 'album_id',
        'int_album_artist_keys': 'album_id',
    }},
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'int_release_groups_parsed': 'release_group_musicbrainz_id',
        'int_release_group_artist_keys': 'release_group_musicbrainz_id',
    }},
]) }}

-- What title and artist of an album and of a release group are to each other, in one word each.
-- Long for the imports on both sides; what it does are two comparisons, of titles and of names.

with pairs as (

    select * from {{ ref('int_album_pairs_blocked') }}

),

albums as (

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

-- equal keys, the best of them; whole credit with whole credit beats one name among several
shared_names as (

    select
        pairs.album_id,
        pairs.release_group_musicbrainz_id,
        bool_or(album_names.is_whole and release_group_names.is_whole) as is_same
    from pairs
    inner join album_names
        on pairs.album_id = album_names.album_id
    inner join release_group_names
        on pairs.release_group_musicbrainz_id = release_group_names.release_group_musicbrainz_id
        and album_names.artist_key = release_group_names.artist_key
    group by pairs.album_id, pairs.release_group_musicbrainz_id

),

-- no equal key: all words of the one inside the other, or a misspelling
near_names as (

    select
        pairs.album_id,
        pairs.release_group_musicbrainz_id,
        bool_or({{ is_name_inside('album_names.artist_words', 'release_groups.artist_words') }}) as is_inside,
        bool_or({{ is_misspelling('album_names.whole_key', 'release_groups.artist_key') }}) as is_misspelled,
        bool_or(album_names.is_imitation) as is_imitation
    from pairs
    inner join album_names
        on pairs.album_id = album_names.album_id
    inner join release_groups
        on pairs.release_group_musicbrainz_id = release_groups.release_group_musicbrainz_id
    left join shared_names
        on pairs.album_id = shared_names.album_id
        and pairs.release_group_musicbrainz_id = shared_names.release_group_musicbrainz_id
    where shared_names.album_id is null
    group by pairs.album_id, pairs.release_group_musicbrainz_id

)

select
    pairs.album_id,
    pairs.release_group_musicbrainz_id,
    {{ title_relation('albums', 'release_groups') }} as title_relation,
    case
        when albums.is_various and release_groups.is_various then 'same'
        when shared_names.is_same then 'same'
        when shared_names.is_same is not null then 'part'
        when release_groups.is_imitation and not coalesce(near_names.is_imitation, false) then 'imitation'
        when near_names.is_inside then 'inside'
        when near_names.is_misspelled then 'misspelled'
        when release_groups.is_various
            and (albums.is_various or albums.is_soundtrack or albums.artist_count > 1) then 'cast'
        when release_groups.is_soundtrack and albums.is_soundtrack
            and (albums.is_various or albums.artist_count > 1 or albums.year = release_groups.first_year) then 'cast'
        when release_groups.is_soundtrack and albums.is_soundtrack then 'cast_doubted'
        when near_names.album_id is null then 'unknown'
        else 'different'
    end as artist_relation
from pairs
inner join albums
    on pairs.album_id = albums.album_id
inner join release_groups
    on pairs.release_group_musicbrainz_id = release_groups.release_group_musicbrainz_id
left join shared_names
    on pairs.album_id = shared_names.album_id
    and pairs.release_group_musicbrainz_id = shared_names.release_group_musicbrainz_id
left join near_names
    on pairs.album_id = near_names.album_id
    and pairs.release_group_musicbrainz_id = near_names.release_group_musicbrainz_id
