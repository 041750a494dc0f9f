-- The keys of a release group's credit: the whole credit, what stands before its guests, and every name in it.

with release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

credits as (

    select * from {{ ref('stg_musicbrainz__release_group_credits') }}

),

names as (

    select * from {{ ref('int_artist_names_keyed') }}

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

)

select
    release_group_musicbrainz_id,
    artist_key,
    bool_or(is_whole) as is_whole,
    {{ word_prefix('artist_key') }} as name_prefix
from keys
group by release_group_musicbrainz_id, artist_key
