{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_musicbrainz__release_group_answers': 'release_group_musicbrainz_id',
    }},
]) }}

with answers as (

    select * from {{ ref('stg_musicbrainz__release_group_answers') }}

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,

        ---------- text
        {{ json_text('release_group', '$.title') }} as title,
        {{ credit_text(json_rows('release_group', '$."artist-credit"')) }} as artist_credit,
        {{ json_text('release_group', '$."primary-type"') }} as primary_type,
        nullif(
            {{ join_list(json_texts('release_group', '$."secondary-types"'), ', ') }}, ''
        ) as secondary_types,
        nullif({{ json_text('release_group', '$."first-release-date"') }}, '') as first_release_date,
        nullif({{ json_text('release_group', '$.disambiguation') }}, '') as disambiguation,

        ---------- numerics
        coalesce(
            {{ try_integer(json_text('release_group', '$.count')) }},
            nullif({{ list_size(json_rows('release_group', '$.releases')) }}, 0)
        ) as release_count,

        ---------- timestamps
        fetched_at
    from answers

)

select * from renamed
where title is not null
