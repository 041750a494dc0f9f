{{ config(materialized='table') }}

-- a look-up follows an id that was merged into another: what it finds is known by the id that was asked
with {{ newest_answers(
    source('musicbrainz', 'release_groups'),
    release_group_rows(),
    "coalesce(" ~ extract_pattern('request_key', '^/ws/2/release-group/([0-9a-f-]{36})') ~ ", "
        ~ json_text('item', '$.id') ~ ")",
    complete=json_is_list('item', '$."artist-credit"'),
) }},

renamed as (

    select
        ---------- ids
        item_key as release_group_musicbrainz_id,

        ---------- text
        item as release_group,

        ---------- timestamps
        fetched_at
    from newest

)

select * from renamed
