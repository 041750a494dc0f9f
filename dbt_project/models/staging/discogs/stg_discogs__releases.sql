{{ config(materialized='table') }}

with {{ newest_answers(
    source('discogs', 'releases'),
    discogs_rows(),
    json_text('item', '$.id'),
) }},

renamed as (

    select
        ---------- ids
        item_key as release_discogs_id,
        nullif({{ json_text('item', '$.master_id') }}, '0') as master_discogs_id,

        ---------- text
        {{ json_text('item', '$.title') }} as title,
        nullif(coalesce(
            {{ primary_image('item') }}, {{ json_text('item', '$.cover_image') }}
        ), '') as image_url,
        coalesce(
            {{ json_text('item', '$.uri') }},
            'https://www.discogs.com/release/' || item_key
        ) as page_url,

        ---------- numerics
        nullif({{ try_integer(json_text('item', '$.year')) }}, 0) as year,

        ---------- timestamps
        fetched_at
    from newest

)

select * from renamed
where title is not null
