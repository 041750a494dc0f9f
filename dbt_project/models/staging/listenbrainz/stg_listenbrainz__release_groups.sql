{{ config(materialized='table') }}

with {{ newest_answers(
    source('listenbrainz', 'release_groups'),
    listenbrainz_rows(),
    json_text('item', '$.key'),
) }},

renamed as (

    select
        ---------- ids
        item_key as release_group_musicbrainz_id,
        {{ json_text('item', '$.value.release_group.caa_id') }} as cover_id,
        lower(
            {{ json_text('item', '$.value.release_group.caa_release_mbid') }}
        ) as cover_release_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.value.release_group.name') }} as name,
        nullif({{ json_text('item', '$.value.release_group.date') }}, '') as date_text,
        {{ json_text('item', '$.value.release_group.type') }} as type,

        ---------- timestamps
        fetched_at
    from newest
    where {{ json_is_object('item', '$.value.release_group') }}

)

select * from renamed
