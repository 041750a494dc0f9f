{{ config(materialized='table') }}

with {{ newest_answers(
    source('musicbrainz', 'release_groups'),
    release_group_rows(),
    json_text('item', '$.id'),
    complete=json_is_list('item', '$."artist-credit"'),
) }},

credits as (

    {{ unnest_rows(
        '(select item_key, item as release_group from newest) as kept',
        json_rows('release_group', '$."artist-credit"'),
        ['item_key'],
    ) }}

),

renamed as (

    select
        ---------- ids
        item_key as release_group_musicbrainz_id,
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
