with counted as (

    select 'albums' as table_name, count(*) as row_count
    from {{ ref('stg_library__albums') }}
    union all
    select 'artists', count(*) from {{ ref('stg_library__artists') }}
    union all
    select 'album_artist', count(*) from {{ ref('stg_library__album_artist') }}
    union all
    select 'tracks', count(*) from {{ ref('stg_library__tracks') }}
    union all
    select 'images', count(*) from {{ ref('stg_library__images') }}
    union all
    select 'metadata', count(*) from {{ ref('stg_library__metadata') }}
    union all
    select 'listening_history', count(*)
    from {{ ref('stg_library__listening_history') }}

),

unusable as (

    select table_name, count(*) as row_count
    from {{ ref('int_rows_unusable') }}
    group by 1

),

together as (

    select
        counted.table_name,
        counted.row_count,
        coalesce(unusable.row_count, 0) as unusable_count
    from counted
    left join unusable
        on counted.table_name = unusable.table_name

)

select * from together
