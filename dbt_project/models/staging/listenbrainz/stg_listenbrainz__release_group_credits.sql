{{ config(materialized='table') }}

with {{ newest_answers(
    source('listenbrainz', 'release_groups'),
    listenbrainz_rows(),
    json_text('item', '$.key'),
) }},

credits as (

    {{ unnest_rows(
        '(select item_key, item as release_group from newest) as kept',
        json_rows('release_group', '$.value.artist.artists'),
        ['item_key'],
    ) }}

),

renamed as (

    select
        ---------- ids
        item_key as release_group_musicbrainz_id,
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
