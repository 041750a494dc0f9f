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
        item='credit',
    ) }}

),

aliases as (

    {{ unnest_rows(
        'credits', json_rows('credit', '$.artist.aliases'), ['release_group_musicbrainz_id']
    ) }}

),

renamed as (

    select distinct
        ---------- ids
        release_group_musicbrainz_id,

        ---------- text
        {{ json_text('item', '$.name') }} as alias
    from aliases

)

select * from renamed
where alias is not null
