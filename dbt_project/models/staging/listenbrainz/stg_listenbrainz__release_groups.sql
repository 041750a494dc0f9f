{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_listenbrainz__release_group_answers': 'release_group_musicbrainz_id',
    }},
]) }}

with answers as (

    select * from {{ ref('stg_listenbrainz__release_group_answers') }}

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,
        {{ json_text('release_group', '$.release_group.caa_id') }} as cover_id,
        lower(
            {{ json_text('release_group', '$.release_group.caa_release_mbid') }}
        ) as cover_release_musicbrainz_id,

        ---------- text
        {{ json_text('release_group', '$.release_group.name') }} as name,
        nullif({{ json_text('release_group', '$.release_group.date') }}, '') as date_text,
        {{ json_text('release_group', '$.release_group.type') }} as type,

        ---------- timestamps
        fetched_at
    from answers
    where {{ json_is_object('release_group', '$.release_group') }}

)

select * from renamed
