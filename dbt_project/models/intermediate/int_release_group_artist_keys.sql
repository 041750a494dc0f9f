{{ config(materialized='table') }}

-- The keys of a release group's credit: the whole credit, what stands before its guests, every name in it, and the other
-- names of its artists where a name that was met is one of them.
-- Long by a line, for its four kinds of key.

with release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

credits as (

    select * from {{ ref('stg_musicbrainz__release_group_credits') }}

),

artist_aliases as (

    select * from {{ ref('stg_musicbrainz__artist_aliases') }}

),

release_group_aliases as (

    select * from {{ ref('stg_musicbrainz__release_group_aliases') }}

),

names as (

    select * from {{ ref('int_artist_names_keyed') }}

),

aliases as (

    select release_group_musicbrainz_id, {{ fold_text('alias') }} as folded_name
    from release_group_aliases
    union
    select credits.release_group_musicbrainz_id, {{ fold_text('artist_aliases.alias') }} as folded_name
    from credits
    inner join artist_aliases
        on credits.artist_musicbrainz_id = artist_aliases.artist_musicbrainz_id

),

keys as (

    select release_groups.release_group_musicbrainz_id, names.artist_key, true as is_whole
    from release_groups
    inner join names
        on release_groups.artist_credit = names.name
    union
    select release_groups.release_group_musicbrainz_id, names.lead_key as artist_key, false as is_whole
    from release_groups
    inner join names
        on release_groups.artist_credit = names.name
    union
    select credits.release_group_musicbrainz_id, names.artist_key, false as is_whole
    from credits
    inner join names
        on credits.name = names.name
    union
    select credits.release_group_musicbrainz_id, names.artist_key, false as is_whole
    from credits
    inner join names
        on credits.artist_name = names.name
    union
    select aliases.release_group_musicbrainz_id, names.artist_key, false as is_whole
    from aliases
    inner join names
        on aliases.folded_name = names.folded_name

)

select
    release_group_musicbrainz_id,
    artist_key,
    bool_or(is_whole) as is_whole,
    {{ word_prefix('artist_key') }} as name_prefix
from keys
group by release_group_musicbrainz_id, artist_key
