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
        {{ json_text('item', '$.title') }} as title,
        {{ credit_text(json_rows('item', '$."artist-credit"')) }} as artist_credit,
        cast({{ json_part('item', '$."artist-credit"') }} as varchar) as artist_credit_json,
        {{ json_text('item', '$."primary-type"') }} as primary_type,
        nullif(
            {{ join_list(json_texts('item', '$."secondary-types"'), ', ') }}, ''
        ) as secondary_types,
        nullif({{ json_text('item', '$."first-release-date"') }}, '') as first_release_date,
        nullif({{ json_text('item', '$.disambiguation') }}, '') as disambiguation,

        ---------- numerics
        coalesce(
            {{ try_integer(json_text('item', '$.count')) }},
            nullif({{ list_size(json_rows('item', '$.releases')) }}, 0)
        ) as release_count,

        ---------- timestamps
        fetched_at
    from newest

)

select * from renamed
where title is not null
