{{ config(materialized='table') }}

with {{ newest_answers(
    source('musicbrainz', 'release_groups'),
    release_group_rows(),
    json_text('item', '$.id'),
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
