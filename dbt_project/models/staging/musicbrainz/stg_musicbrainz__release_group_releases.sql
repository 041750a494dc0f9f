{{ config(materialized='keyed', sides=[{'key': 'release_group_musicbrainz_id', 'inputs': {
    'stg_musicbrainz__release_group_items': 'said_musicbrainz_id',
}}]) }}

-- From every answer, not only the newest: a look-up without its releases takes none away.

with items as (

    select * from {{ ref('stg_musicbrainz__release_group_items') }}

),

releases as (

    {{ unnest_rows(
        'items',
        json_rows('release_group', '$.releases'),
        ['said_musicbrainz_id as release_group_musicbrainz_id'],
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
