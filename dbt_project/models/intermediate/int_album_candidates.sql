{{ config(materialized='keyed', sides=[
    {'key': 'album_id', 'inputs': {
        'int_album_pairs_compared': 'album_id',
        'int_albums_parsed': 'album_id',
        'int_album_identifiers': 'album_id',
    }},
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'int_release_groups_parsed': 'release_group_musicbrainz_id',
    }},
]) }}

-- What every candidate scores, from independent evidence: 1 less the penalty of each kind (seed match_thresholds).
-- Long for the four penalties, each joined to the seed by its own name.

with compared as (

    select * from {{ ref('int_album_pairs_compared') }}

),

albums as (

    select * from {{ ref('int_albums_parsed') }}

),

release_groups as (

    select * from {{ ref('int_release_groups_parsed') }}

),

identifiers as (

    select distinct album_id, release_group_musicbrainz_id from {{ ref('int_album_identifiers') }}

),

thresholds as (

    select * from {{ ref('match_thresholds') }}

),

related as (

    select
        compared.*,
        albums.year as album_year,
        release_groups.first_year,
        albums.edition_words,
        albums.track_count,
        {{ year_relation('albums', 'release_groups') }} as year_relation,
        {{ type_relation('albums', 'release_groups') }} as type_relation,
        identifiers.album_id is not null as is_identified
    from compared
    inner join albums
        on compared.album_id = albums.album_id
    inner join release_groups
        on compared.release_group_musicbrainz_id = release_groups.release_group_musicbrainz_id
    left join identifiers
        on compared.album_id = identifiers.album_id
        and compared.release_group_musicbrainz_id = identifiers.release_group_musicbrainz_id

)

select
    related.*,
    {{ rounded(
        'greatest(1 - title_penalty.value - artist_penalty.value - year_penalty.value - type_penalty.value, 0)', 4
    ) }} as score,
    related.is_identified
        and related.artist_relation <> 'imitation'
        and (
            related.title_relation in ('equal', 'reworded', 'same_words', 'disambiguated', 'said_by_type', 'alternative', 'misspelled')
            or (
                related.title_relation in ('subtitle_dropped', 'subtitle_short', 'subtitle_needed', 'beginning')
                and related.artist_relation not in ('different', 'unknown')
            )
        ) as is_identifier_believed,
    {{ evidence_in_words('related') }} as evidence
from related
inner join thresholds as title_penalty
    on title_penalty.topic = 'title'
    and related.title_relation = title_penalty.name
inner join thresholds as artist_penalty
    on artist_penalty.topic = 'artist'
    and related.artist_relation = artist_penalty.name
inner join thresholds as year_penalty
    on year_penalty.topic = 'year'
    and related.year_relation = year_penalty.name
inner join thresholds as type_penalty
    on type_penalty.topic = 'type'
    and related.type_relation = type_penalty.name
