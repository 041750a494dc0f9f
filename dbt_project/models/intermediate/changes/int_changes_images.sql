with covers as (

    select *
    from {{ ref('int_album_covers_settled') }}
    where action <> 'keep'

),

features as (

    select *
    from {{ ref('int_features_enabled') }}
    where feature = 'enrich_images'

),

changes as (

    select
        covers.action,
        'images' as table_name,
        case
            when covers.action = 'insert'
                then
                    '{"album_id":' || cast(covers.album_id as string)
                    || ',"image_type":"album"}'
            else '{"id":' || cast(covers.image_id as string) || '}'
        end as row_key,
        case when covers.action <> 'delete' then 'url' end as column_name,
        covers.live_url as old_value,
        covers.url as new_value,
        covers.album_id,
        features.feature,
        features.service,
        covers.source,
        covers.evidence_url,
        covers.fetched_at,
        covers.confidence,
        covers.runner_up,
        covers.rule,
        cast(null as string) as group_id
    from covers
    cross join features

)

select * from changes
