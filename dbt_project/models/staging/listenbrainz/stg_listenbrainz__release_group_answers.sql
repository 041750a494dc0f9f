{{ config(materialized='table') }}

with {{ newest_answers(
    source('listenbrainz', 'release_groups'),
    listenbrainz_rows(),
    json_text('item', '$.key'),
) }},

renamed as (

    select
        ---------- ids
        item_key as release_group_musicbrainz_id,

        ---------- text
        {{ json_part('item', '$.value') }} as release_group,

        ---------- timestamps
        fetched_at
    from newest

)

select * from renamed
