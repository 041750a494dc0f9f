with together as (

    select * from {{ ref('int_credit_rows_changed') }}

),

features as (

    select *
    from {{ ref('int_features_enabled') }}
    where feature = 'fix_artist_formatting'

),

pages as (

    select * from {{ ref('int_credit_pages_known') }}

),

-- what the split rests on, where it rests on an answer
changes as (

    select
        together.action,
        together.table_name,
        together.row_key,
        together.column_name,
        together.old_value,
        together.new_value,
        together.album_id,
        together.confidence,
        together.runner_up,
        'credit_' || together.rule as rule,
        together.group_id,
        features.feature,
        features.service,
        case
            when together.rule = 'discogs' then 'discogs'
            when together.rule in ('matched_release_group', 'known_to_musicbrainz')
                then 'musicbrainz'
            else 'library'
        end as source,
        pages.evidence_url,
        pages.fetched_at
    from together
    cross join features
    left join pages
        on
            together.album_id = pages.album_id
            and together.rule = pages.rule

)

select * from changes
