{{ config(materialized='table') }}

-- Staging leaves out the rows whose keys cannot be read as whole numbers; so
-- that they are listed, this model alone reads the library as it lies there.
{% set keys = {
    'albums': 'id', 'artists': 'id', 'tracks': 'id', 'images': 'id',
    'metadata': 'id', 'listening_history': 'id',
} %}
with keyed as (

    {% for table, key in keys.items() %}
    select
        '{{ table }}' as table_name,
        '{{ key }}' as column_name,
        {{ key }} as value,
        {{ try_integer(key, 'bigint') }} as usable,
        '{"id":' || coalesce({{ json_quote(key) }}, 'null') || '}' as row_key
    from {{ source('library', table) }}
    union all
    {% endfor %}
    select
        'album_artist',
        'album_id',
        coalesce(album_id, '') || ', ' || coalesce(artist_id, ''),
        {{ try_integer('album_id', 'bigint') }}
        + {{ try_integer('artist_id', 'bigint') }} * 0,
        '{"album_id":' || coalesce({{ json_quote('album_id') }}, 'null')
        || ',"artist_id":' || coalesce({{ json_quote('artist_id') }}, 'null')
        || '}'
    from {{ source('library', 'album_artist') }}

),

unusable as (

    select
        'unusable_id' as kind,
        table_name,
        row_key,
        column_name,
        left(value, 200) as value,
        'the key of this row is no whole number' as detail
    from keyed
    where usable is null

)

select * from unusable
