{{ config(materialized='table') }}

with {{ newest_answers(
    source('listenbrainz', 'release_groups'),
    listenbrainz_rows(),
    json_text('item', '$.key'),
) }},

kept as (

    select
        item_key,
        item as release_group
    from newest

),

release_group_tags as (

    {{ unnest_rows(
        'kept', json_rows('release_group', '$.value.tag.release_group'), ['item_key', "'release_group' as level"]
    ) }}

),

artist_tags as (

    {{ unnest_rows(
        'kept', json_rows('release_group', '$.value.tag.artist'), ['item_key', "'artist' as level"]
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
        item_key as release_group_musicbrainz_id,

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
