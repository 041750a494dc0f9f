with settings as (

    select * from {{ ref('stg_sillon__settings') }}

),

-- which service of the night makes the changes of which feature
features as (

    select 'fix_artist_formatting' as feature, 'fix_malformed_artists' as service
    union all
    select 'enrich_images', 'enrich_musicbrainz_images'
    union all
    select 'detect_genres', 'auto_enrichment'
    union all
    select 'fill_years', 'auto_enrichment'
    union all
    select 'generate_descriptions', 'auto_enrichment'

),

-- what nobody switched on makes no change
enabled as (

    select
        features.feature,
        features.service,
        coalesce(lower(feature_settings.value), 'false') = 'true'
        and coalesce(lower(service_settings.value), 'false') = 'true'
            as is_enabled
    from features
    left join settings as feature_settings
        on feature_settings.name = 'feature.' || features.feature
    left join settings as service_settings
        on service_settings.name = 'service.' || features.service

)

select * from enabled
