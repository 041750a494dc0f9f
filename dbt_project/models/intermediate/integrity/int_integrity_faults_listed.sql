{{ config(materialized='table') }}

-- Long because every kind of fault is named with its severity.

with faults as (

    select
        kind,
        table_name,
        row_key,
        column_name,
        cast(pointed_id as string) as value,
        'no such row in ' || pointed_table as detail
    from {{ ref('int_references_broken') }}
    union all
    select
        'unreadable_value', table_name, row_key, column_name,
        kind, left(detail, 500)
    from {{ ref('stg_library__unreadable_values') }}
    union all
    select
        'duplicate_album', 'albums', {{ row_key('album_id') }}, 'title',
        left(title, 200),
        reason || ' as album ' || cast(first_album_id as string)
    from {{ ref('int_albums_duplicated') }}
    union all
    select
        'duplicate_artist', 'artists', {{ row_key('artist_id') }}, 'name',
        left(name, 200),
        'spelled "' || left(first_name, 200) || '" as artist '
        || cast(first_artist_id as string)
    from {{ ref('int_artists_duplicated') }}
    union all
    select
        'duplicate_scrobble', 'listening_history', {{ row_key('scrobble_id') }},
        'timestamp', cast(played_at_epoch as string),
        cast(seconds_apart as string) || ' s after scrobble '
        || cast(earlier_scrobble_id as string)
    from {{ ref('int_scrobbles_duplicated') }}
    union all
    select
        'malformed_artist', 'artists', {{ row_key('artist_id') }}, 'name',
        left(name, 200), fault
    from {{ ref('int_artists_malformed') }}
    union all
    select
        kind, 'albums', {{ row_key('album_id') }}, column_name, value, detail
    from {{ ref('int_albums_faulty') }}
    union all
    select kind, table_name, row_key, column_name, value, detail
    from {{ ref('int_rows_unusable') }}

),

listed as (

    select
        {{ hash_text(
            "kind || '|' || table_name || '|' || row_key || '|'"
            " || coalesce(column_name, '') || '|' || coalesce(value, '')"
            " || '|' || coalesce(detail, '')"
        ) }} as issue_id,
        kind,
        case
            when
                kind in (
                    'broken_reference', 'orphan_track', 'orphan_scrobble',
                    'unusable_id'
                )
                then 'error'
            when kind = 'duplicate_album' and detail like 'same_release_group%'
                then 'info'
            else 'warning'
        end as severity,
        table_name,
        row_key,
        column_name,
        value,
        detail
    from faults

)

select distinct * from listed
