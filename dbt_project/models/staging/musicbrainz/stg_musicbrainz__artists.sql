{{ config(materialized='table') }}

with {{ newest_answers(
    source('musicbrainz', 'artists'),
    artist_rows(),
    json_text('item', '$.id'),
) }},

renamed as (

    select
        ---------- ids
        item_key as artist_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.name') }} as name,
        {{ json_text('item', '$."sort-name"') }} as sort_name,
        {{ json_text('item', '$.type') }} as type,
        nullif({{ json_text('item', '$.disambiguation') }}, '') as disambiguation,

        ---------- timestamps
        fetched_at
    from newest

)

select * from renamed
where name is not null
