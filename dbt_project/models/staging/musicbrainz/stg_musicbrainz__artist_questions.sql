{{ config(materialized='table') }}

with source as (

    select
        fetched_at,
        {{ json_or_null('asked') }} as asked
    from {{ source('musicbrainz', 'artists') }}
    where status in (200, 404)

),

questions as (

    {{ unnest_rows('source', json_rows('asked'), ['fetched_at']) }}

),

renamed as (

    select
        ---------- text
        {{ extract_pattern(json_text('item', '$.question'), '^name:(.*)$') }} as name,

        ---------- timestamps
        max(fetched_at) as fetched_at
    from questions
    group by 1

)

select * from renamed
where name is not null
