with applied_changes as (

    select * from {{ ref('stg_sillon__applied_changes') }}

),

albums as (

    select * from {{ ref('stg_library__albums') }}

),

-- copies never make a value ours: the library did not get it
written as (

    select
        *,
        row_number() over (
            partition by album_id, column_name
            order by applied_at desc, entry_id desc
        ) as newness
    from applied_changes
    where
        target = 'in_place'
        and state = 'applied'
        and table_name = 'albums'
        and action = 'update'

),

live as (

    select album_id, 'year' as column_name, year_text as value
    from albums
    union all
    select album_id, 'genre', genre
    from albums
    union all
    select album_id, 'ai_description', description
    from albums
    union all
    select album_id, 'image_url', image_url
    from albums

),

ours as (

    select
        written.album_id,
        written.column_name,
        written.new_value as value,
        written.source,
        written.rule,
        written.evidence_url,
        written.applied_at
    from written
    inner join live
        on
            written.album_id = live.album_id
            and written.column_name = live.column_name
            and written.new_value = live.value
    where written.newness = 1

)

select * from ours
