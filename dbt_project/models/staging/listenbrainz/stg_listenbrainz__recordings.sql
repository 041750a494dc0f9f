{{ config(materialized='table') }}

with answers as (

    select
        request_key,
        fetched_at,
        {{ json_or_null('payload') }} as payload
    from {{ source('listenbrainz', 'recordings') }}
    where status = 200
        and payload is not null

),

recordings as (

    {{ unnest_rows('answers', json_rows('payload'), ['request_key', 'fetched_at'], item='recording') }}

),

renamed as (

    select
        ---------- ids
        request_key,
        lower({{ json_text('recording', '$.recording_mbid') }}) as recording_musicbrainz_id,
        lower({{ json_text('recording', '$.release_mbid') }}) as release_musicbrainz_id,

        ---------- text
        {{ json_text('recording', '$.recording_name') }} as title,
        {{ json_text('recording', '$.artist_credit_name') }} as artist_credit,
        {{ json_text('recording', '$.release_name') }} as release_title,

        ---------- numerics; from 0, in the order in which they were asked for
        {{ try_integer(json_text('recording', '$.index')) }} as asked_number,

        ---------- timestamps
        fetched_at
    from recordings

)

select * from renamed
where release_musicbrainz_id is not null
    and asked_number is not null
