{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_musicbrainz__release_group_answers': 'release_group_musicbrainz_id',
    }},
]) }}

with answers as (

    select * from {{ ref('stg_musicbrainz__release_group_answers') }}

),

tags as (

    {{ unnest_rows(
        'answers', json_rows('release_group', '$.tags'), ['release_group_musicbrainz_id']
    ) }}

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.name') }} as tag,

        ---------- numerics
        max(coalesce({{ try_integer(json_text('item', '$.count')) }}, 1))
            as votes
    from tags
    group by 1, 2

)

select * from renamed
where tag is not null
