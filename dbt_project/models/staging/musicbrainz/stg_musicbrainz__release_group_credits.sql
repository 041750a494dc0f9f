{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_musicbrainz__release_group_answers': 'release_group_musicbrainz_id',
    }},
]) }}

with answers as (

    select * from {{ ref('stg_musicbrainz__release_group_answers') }}

),

credits as (

    {{ unnest_rows(
        'answers',
        json_rows('release_group', '$."artist-credit"'),
        ['release_group_musicbrainz_id'],
    ) }}

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,
        lower({{ json_text('item', '$.artist.id') }}) as artist_musicbrainz_id,

        ---------- text
        coalesce(
            {{ json_text('item', '$.name') }}, {{ json_text('item', '$.artist.name') }}
        ) as name,
        {{ json_text('item', '$.artist.name') }} as artist_name,
        coalesce({{ json_text('item', '$.joinphrase') }}, '') as join_phrase,

        ---------- numerics
        cast(position as integer) as position
    from credits

)

select * from renamed
where name is not null
