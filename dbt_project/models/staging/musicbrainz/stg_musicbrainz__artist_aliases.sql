{{ config(materialized='table') }}

with {{ newest_answers(
    source('musicbrainz', 'artists'),
    artist_rows(),
    json_text('item', '$.id'),
) }},

aliases as (

    {{ unnest_rows(
        '(select item_key, item as artist from newest) as kept',
        json_rows('artist', '$.aliases'),
        ['item_key'],
    ) }}

),

renamed as (

    select distinct
        ---------- ids
        item_key as artist_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.name') }} as alias
    from aliases

)

select * from renamed
where alias is not null
