{{ config(materialized='keyed', sides=[{'key': 'answer_key', 'inputs': {'musicbrainz.release_groups': answer_key()}}]) }}

-- An answer is taken apart once, on the night that it came: parsing is what answers cost.

with answers as (

    select
        {{ answer_key() }} as answer_key,
        request_key,
        fetched_at,
        {{ json_or_null('payload') }} as payload
    from {{ source('musicbrainz', 'release_groups') }}
    where status = 200
        and payload is not null

),

items as (

    {{ unnest_rows('answers', release_group_rows(), ['answer_key', 'request_key', 'fetched_at']) }}

),

-- a look-up follows an id that was merged into another: what it finds is known by the id that was asked
renamed as (

    select
        ---------- ids
        nullif({{ trimmed("lower(coalesce("
            ~ extract_pattern('request_key', '^/ws/2/release-group/([0-9a-f-]{36})') ~ ", "
            ~ json_text('item', '$.id')
        ~ "))") }}, '') as release_group_musicbrainz_id,
        lower({{ json_text('item', '$.id') }}) as said_musicbrainz_id,
        answer_key,

        ---------- text
        item as release_group,
        request_key,

        ---------- numerics
        cast(position as integer) as position,

        ---------- booleans
        {{ json_is_list('item', '$."artist-credit"') }} as has_credit,

        ---------- timestamps
        fetched_at
    from items

)

select * from renamed
