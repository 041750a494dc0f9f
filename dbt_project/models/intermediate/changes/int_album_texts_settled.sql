{{ config(materialized='table') }}

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

descriptions as (

    select * from {{ ref('int_album_descriptions_written') }}

),

covers as (

    select * from {{ ref('int_album_covers_settled') }}

),

believed_still as (

    select * from {{ ref('int_image_urls_believed_still') }}

),

live as (

    select
        album_id,
        'description' as field,
        'ai_description' as column_name,
        description as value
    from albums
    union all
    select album_id, 'image_url', 'image_url', image_url
    from albums

),

proposed as (

    select
        album_id,
        'description' as field,
        description as value,
        'library' as source,
        'description_template' as rule,
        cast(1 as double) as confidence,
        cast(null as string) as evidence_url,
        cast(null as timestamp) as fetched_at,
        cast(null as string) as runner_up
    from descriptions
    union all
    -- the same address as the row of images that is Sillon's
    select
        album_id,
        'image_url',
        url,
        source, rule, confidence, evidence_url, fetched_at, runner_up
    from covers
    where url is not null
    union all
    select
        album_id,
        'image_url',
        value,
        source, rule, null, evidence_url, null, null
    from believed_still

),

{{ settled_values('live', 'proposed') }}

select * from settled
