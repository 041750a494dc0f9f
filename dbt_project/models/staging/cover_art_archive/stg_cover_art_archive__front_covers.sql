{{ config(materialized='table') }}

with source as (

    select
        request_key,
        status,
        fetched_at,
        {{ json_or_null('asked') }} as asked,
        {{ json_or_null('payload') }} as payload
    from {{ source('cover_art_archive', 'front_covers') }}
    where status in (200, 302, 307, 404)

),

parsed as (

    select
        request_key,
        status,
        fetched_at,
        lower(coalesce(
            {{ json_text('payload', '$.release_group') }},
            {{ extract_pattern(json_text('asked', '$[0].question'), '^release_group:(.+)$') }}
        )) as release_group_musicbrainz_id,
        {{ json_text('payload', '$.location') }} as location
    from source

),

located as (

    select
        *,
        {{ extract_pattern('location', 'mbid-[0-9a-fA-F-]{36}/mbid-([0-9a-fA-F-]{36})-[0-9]+') }} as release_id,
        {{ extract_pattern('location', 'mbid-[0-9a-fA-F-]{36}-([0-9]+)') }} as image_id,
        row_number() over (
            partition by release_group_musicbrainz_id
            order by fetched_at desc, request_key
        ) as newest_first
    from parsed
    where release_group_musicbrainz_id is not null
        and (status = 404 or location is not null)

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,

        ---------- text
        case
            when status = 404 then null
            when release_id is not null and image_id is not null
                then 'https://coverartarchive.org/release/' || lower(release_id)
                    || '/' || image_id || '-500.jpg'
            else 'https://coverartarchive.org/release-group/'
                || release_group_musicbrainz_id || '/front-500'
        end as image_url,

        ---------- booleans
        status <> 404 as has_front,

        ---------- timestamps
        fetched_at
    from located
    where newest_first = 1

)

select * from renamed
