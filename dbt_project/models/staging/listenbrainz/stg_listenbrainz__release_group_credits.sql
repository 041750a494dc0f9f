{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_listenbrainz__release_group_answers': 'release_group_musicbrainz_id',
    }},
]) }}

with answers as (

    select * from {{ ref('stg_listenbrainz__release_group_answers') }}

),

credits as (

    {{ unnest_rows(
        'answers',
        json_rows('release_group', '$.artist.artists'),
        ['release_group_musicbrainz_id'],
    ) }}

),

renamed as (

    select
        ---------- ids
        release_group_musicbrainz_id,
        lower({{ json_text('item', '$.artist_mbid') }}) as artist_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.name') }} as name,
        coalesce({{ json_text('item', '$.join_phrase') }}, '') as join_phrase,

        ---------- numerics
        cast(position as integer) as position
    from credits

)

select * from renamed
where name is not null
