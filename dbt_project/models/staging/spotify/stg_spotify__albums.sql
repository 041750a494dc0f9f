{{ config(materialized='table') }}

with answers as (

    select
        request_key,
        fetched_at,
        {{ json_or_null('asked') }} as asked,
        {{ json_or_null('payload') }} as payload
    from {{ source('spotify', 'albums') }}
    where status = 200
        and payload is not null

),

questions as (

    select
        *,
        {{ json_text('asked', '$[0].question') }} as asked_question,
        {{ try_integer(json_text('asked', '$[0].album_id'), 'bigint') }} as asked_album_id
    from answers

),

newest as (

    select
        *,
        row_number() over (
            partition by coalesce(asked_question, request_key), asked_album_id
            order by fetched_at desc, request_key
        ) as newest_first
    from questions

),

albums as (

    {{ unnest_rows(
        '(select * from newest where newest_first = 1) as kept',
        json_rows_or_self('payload', '$.albums.items'),
        ['asked_question', 'asked_album_id', 'fetched_at'],
    ) }}

),

renamed as (

    select
        ---------- ids
        {{ json_text('item', '$.id') }} as album_spotify_id,
        asked_album_id,

        ---------- text
        asked_question,
        {{ json_text('item', '$.name') }} as title,
        {{ json_joined(json_rows('item', '$.artists'), '$.name') }} as artists,
        {{ json_text('item', '$.release_date') }} as release_date,
        {{ json_text('item', '$.album_type') }} as album_type,
        {{ json_first(json_rows('item', '$.images'), '$.url') }} as image_url,

        ---------- numerics
        {{ try_integer(json_text('item', '$.total_tracks')) }} as track_count,

        ---------- timestamps
        fetched_at
    from albums

)

select * from renamed
where album_spotify_id is not null
    and title is not null
