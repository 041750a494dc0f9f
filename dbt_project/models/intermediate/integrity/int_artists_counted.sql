-- Long because every count stands twice, before and after.

with malformed as (

    select * from {{ ref('int_artists_malformed') }}

),

duplicated as (

    select * from {{ ref('int_artists_duplicated') }}

),

linked as (

    select * from {{ ref('int_album_artists_linked') }}

),

split as (

    select distinct album_id, artist_id
    from {{ ref('int_links_split') }}

),

added as (

    select count(distinct act_name) as new_artists
    from {{ ref('int_links_split') }}
    where act_artist_id is null

),

-- a joined name is sound again once every album that was by it is by its acts
mended as (

    select linked.artist_id
    from linked
    left join split
        on
            linked.album_id = split.album_id
            and linked.artist_id = split.artist_id
    group by 1
    having count(*) = count(split.artist_id)

),

faulty as (

    select
        malformed.artist_id,
        1 as is_malformed,
        case
            when
                malformed.fault like '%joins%' and mended.artist_id is not null
                then 0
            else 1
        end as is_malformed_after,
        0 as is_duplicate
    from malformed
    left join mended
        on malformed.artist_id = mended.artist_id
    union all
    select artist_id, 0, 0, 1
    from duplicated

),

once as (

    select
        artist_id,
        max(is_malformed) as is_malformed,
        max(is_malformed_after) as is_malformed_after,
        max(is_duplicate) as is_duplicate
    from faulty
    group by 1

),

counted as (

    select
        coalesce(sum(is_malformed), 0) as malformed_before,
        coalesce(sum(is_malformed_after), 0) as malformed_after,
        count(*) as incoherent_artists_before,
        coalesce(sum(greatest(is_malformed_after, is_duplicate)), 0)
            as incoherent_artists_after
    from once

)

select *
from counted
cross join added
