-- Long because each of the five kinds of row is written out with all its columns.

with split as (

    select * from {{ ref('int_links_split') }}

),

rejoined as (

    select * from {{ ref('int_links_rejoined') }}

),

-- an artist that several albums need is a group of its own, so that no album
-- takes it away from another
new_artists as (

    select
        'insert' as action,
        'artists' as table_name,
        '{"name":' || {{ json_quote('act_name') }} || '}' as row_key,
        'name' as column_name,
        cast(null as string) as old_value,
        act_name as new_value,
        cast(null as bigint) as album_id,
        max(confidence) as confidence,
        min(joined_name) as runner_up,
        min(rule) as rule,
        cast(null as string) as group_id
    from split
    where act_artist_id is null
    group by act_name

),

new_links as (

    select
        'insert',
        'album_artist',
        '{"album_id":' || cast(album_id as string)
        || ',"artist_name":' || {{ json_quote('act_name') }} || '}',
        'artist_id',
        cast(null as string),
        act_name,
        album_id,
        confidence,
        joined_name,
        rule,
        group_id
    from split
    where not is_linked and mention = 1

),

old_links as (

    select
        'delete',
        'album_artist',
        {{ link_key('album_id', 'artist_id') }},
        'artist_id',
        cast(artist_id as string),
        cast(null as string),
        album_id,
        max(confidence),
        joined_name,
        min(rule),
        group_id
    from split
    group by album_id, artist_id, joined_name, group_id

),

-- the person keeps the joined name: it gets its link back
rejoined_links as (

    select distinct
        'insert',
        'album_artist',
        '{"album_id":' || cast(album_id as string)
        || ',"artist_name":' || {{ json_quote('joined_name') }} || '}',
        'artist_id',
        cast(null as string),
        joined_name,
        album_id,
        cast(1 as double),
        cast(null as string),
        'kept_whole',
        group_id
    from rejoined
    union all
    select
        'delete',
        'album_artist',
        {{ link_key('album_id', 'artist_id') }},
        'artist_id',
        cast(artist_id as string),
        cast(null as string),
        album_id,
        cast(1 as double),
        act_name,
        'kept_whole',
        group_id
    from rejoined

),

together as (

    select * from new_artists
    union all
    select * from new_links
    union all
    select * from old_links
    union all
    select * from rejoined_links

)

select * from together
