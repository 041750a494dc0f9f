with albums as (

    select * from {{ ref('stg_library__albums') }}

),

features as (

    select * from {{ ref('int_features_enabled') }}

),

locked as (

    select * from {{ ref('int_fields_locked') }}

),

fields as (

    select 'year' as field, 'fill_years' as feature
    union all
    select 'genre', 'detect_genres'
    union all
    select 'description', 'generate_descriptions'
    union all
    select 'image', 'enrich_images'
    union all
    select 'image_url', 'enrich_images'
    union all
    select 'artists', 'fix_artist_formatting'

),

free as (

    select
        albums.album_id,
        fields.field,
        fields.feature,
        features.service,
        coalesce(features.is_enabled, false) and locked.album_id is null
            as is_free
    from albums
    cross join fields
    left join features
        on fields.feature = features.feature
    left join locked
        on
            albums.album_id = locked.album_id
            and fields.field = locked.field

)

select * from free
