{{ config(materialized='table') }}

with {{ newest_answers(
    source('discogs', 'releases'),
    discogs_rows(),
    json_text('item', '$.id'),
) }},

artists as (

    {{ unnest_rows(
        '(select item_key, item as release from newest) as kept',
        json_rows('release', '$.artists'),
        ['item_key'],
    ) }}

),

renamed as (

    select
        ---------- ids
        item_key as release_discogs_id,

        ---------- text; " (2)" tells namesakes apart there and is no part of the name
        nullif({{ trimmed(replace_pattern(json_text('item', '$.name'), '\\s*\\([0-9]+\\)\\s*$', '')) }}, '') as name,
        nullif({{ trimmed(json_text('item', '$.anv')) }}, '') as name_variation,
        coalesce({{ json_text('item', '$.join') }}, '') as join_phrase,

        ---------- numerics
        cast(position as integer) as position
    from artists

)

select * from renamed
where name is not null
