{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_listenbrainz__release_group_answers': 'release_group_musicbrainz_id',
    }},
]) }}

with answers as (

    select * from {{ ref('stg_listenbrainz__release_group_answers') }}

),

release_group_tags as (

    {{ unnest_rows(
        'answers', json_rows('release_group', '$.tag.release_group'), ['release_group_musicbrainz_id', "'release_group' as level"]
    ) }}

),

artist_tags as (

    {{ unnest_rows(
        'answers', json_rows('release_group', '$.tag.artist'), ['release_group_musicbrainz_id', "'artist' as level"]
    ) }}

),

tags as (

    select * from release_group_tags
    union all
    select * from artist_tags

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.tag') }} as tag,
        level,

        ---------- numerics
        max(coalesce({{ try_integer(json_text('item', '$.count')) }}, 1)) as votes,

        ---------- booleans
        bool_or({{ json_text('item', '$.genre_mbid') }} is not null) as is_genre
    from tags
    group by 1, 2, 3

)

select * from renamed
where tag is not null
