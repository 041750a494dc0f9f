{{ config(materialized='table') }}

with answers as (

    select {{ json_or_null('payload') }} as payload
    from {{ source('musicbrainz', 'release_groups') }}
    where status = 200
        and payload is not null

),

release_groups as (

    {{ unnest_rows('answers', release_group_rows(), item='release_group') }}

),

-- from every answer, not only the newest: a look-up without its releases takes none away
releases as (

    {{ unnest_rows(
        'release_groups',
        json_rows('release_group', '$.releases'),
        ['lower(' ~ json_text('release_group', '$.id') ~ ') as release_group_musicbrainz_id'],
    ) }}

),

renamed as (

    select distinct
        ---------- ids
        release_group_musicbrainz_id,
        lower({{ json_text('item', '$.id') }}) as release_musicbrainz_id
    from releases

)

select * from renamed
where release_group_musicbrainz_id is not null
    and release_musicbrainz_id is not null
