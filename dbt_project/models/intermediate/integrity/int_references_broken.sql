{{ config(materialized='table') }}

-- One anti-join per column that points; the key of a row is spelled only where the row is broken, for of fifty million
-- scrobbles nearly all are whole.
-- A track or scrobble that lost its parent counts as an orphan, the rest as broken references.
{% set pointers = [
    ('album_artist', 'album_id', 'albums', link_key('pointing.album_id', 'pointing.artist_id'), 'broken_reference'),
    ('album_artist', 'artist_id', 'artists', link_key('pointing.album_id', 'pointing.artist_id'), 'broken_reference'),
    ('images', 'album_id', 'albums', row_key('pointing.image_id'), 'broken_reference'),
    ('images', 'artist_id', 'artists', row_key('pointing.image_id'), 'broken_reference'),
    ('metadata', 'album_id', 'albums', row_key('pointing.metadata_id'), 'broken_reference'),
    ('tracks', 'album_id', 'albums', row_key('pointing.track_id'), 'orphan_track'),
    ('listening_history', 'track_id', 'tracks', row_key('pointing.scrobble_id'), 'orphan_scrobble'),
] %}
with broken as (

    {% for table, column, pointed, key, kind in pointers %}
    select
        '{{ kind }}' as kind,
        '{{ table }}' as table_name,
        {{ key }} as row_key,
        '{{ column }}' as column_name,
        pointing.{{ column }} as pointed_id,
        '{{ pointed }}' as pointed_table
    from {{ ref('stg_library__' ~ table) }} as pointing
    left join {{ ref('stg_library__' ~ pointed) }} as pointed
        on pointing.{{ column }} = pointed.{{ column }}
    where pointed.{{ column }} is null
        {{ 'and pointing.' ~ column ~ ' is not null' if kind == 'broken_reference' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from broken
