{{ config(materialized='table') }}

with {{ newest_answers(
    source('discogs', 'releases'),
    discogs_rows(),
    json_text('item', '$.id'),
) }},

kept as (

    select
        item_key,
        item as release
    from newest

),

genres as (

    {{ unnest_rows('kept', json_texts('release', '$.genres'), ['item_key', "'genre' as kind"]) }}

),

styles as (

    {{ unnest_rows('kept', json_texts('release', '$.styles'), ['item_key', "'style' as kind"]) }}

),

renamed as (

    select distinct
        ---------- ids
        item_key as release_discogs_id,

        ---------- text
        item as genre,
        kind
    from (
        select * from genres
        union all
        select * from styles
    ) as both_kinds

)

select * from renamed
