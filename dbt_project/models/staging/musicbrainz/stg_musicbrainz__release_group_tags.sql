{{ config(materialized='table') }}

with {{ newest_answers(
    source('musicbrainz', 'release_groups'),
    release_group_rows(),
    json_text('item', '$.id'),
    complete=json_is_list('item', '$."artist-credit"'),
) }},

kept as (

    select
        item_key,
        item as release_group
    from newest

),

tags as (

    {{ unnest_rows(
        'kept', json_rows('release_group', '$.tags'), ['item_key']
    ) }}

),

renamed as (

    select
        ---------- ids
        item_key as release_group_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.name') }} as tag,

        ---------- numerics
        max(coalesce({{ try_integer(json_text('item', '$.count')) }}, 1))
            as votes
    from tags
    group by 1, 2

)

select * from renamed
where tag is not null
