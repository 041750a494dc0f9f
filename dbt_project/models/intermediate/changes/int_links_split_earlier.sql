with applied_changes as (

    select *
    from {{ ref('stg_sillon__applied_changes') }}
    where
        target = 'in_place'
        and state = 'applied'
        and table_name = 'album_artist'
        -- what an undo put back is no split
        and undoes_entry_id is null

),

artists as (

    select * from {{ ref('stg_library__artists') }}

),

removed as (

    select
        group_id,
        album_id,
        try_cast(old_value as bigint) as joined_artist_id,
        applied_at
    from applied_changes
    where action = 'delete'

),

added as (

    select
        group_id,
        album_id,
        {{ json_text(json_or_null('row_key'), '$.artist_name') }} as act_name
    from applied_changes
    where action = 'insert'

),

-- where an act stands in the joined name, whose row stays in the library
placed as (

    select
        added.album_id,
        added.act_name,
        removed.joined_artist_id,
        removed.group_id,
        instr(artists.name, added.act_name) as position_in_name,
        row_number() over (
            partition by added.album_id, added.act_name
            order by removed.applied_at desc, removed.joined_artist_id
        ) as newness
    from added
    inner join removed
        on
            added.group_id = removed.group_id
            and added.album_id = removed.album_id
    inner join artists
        on removed.joined_artist_id = artists.artist_id

)

select * from placed
where newness = 1
