-- Two spellings of one artist ("AIR", "Air") are proposed for merging, never merged.

with artists as (

    select
        artist_id,
        name,
        {{ fold_text('name') }} as folded_name
    from {{ ref('stg_library__artists') }}
    where not {{ is_blank('name') }}

),

linked as (

    select
        artist_id,
        count(*) as album_count,
        min(album_id) as album_id
    from {{ ref('stg_library__album_artist') }}
    group by 1

),

-- a name that the person keeps as it is needs no proposal
kept as (

    select distinct {{ fold_text('artist') }} as folded_name
    from {{ ref('stg_sillon__decisions') }}
    where decision = 'keep_whole' and artist is not null

),

spelled as (

    select
        artists.artist_id,
        artists.name,
        artists.folded_name,
        linked.album_id,
        coalesce(linked.album_count, 0) as album_count,
        row_number() over (
            partition by artists.folded_name
            order by coalesce(linked.album_count, 0) desc, artists.artist_id
        ) as commonest_first
    from artists
    left join linked
        on artists.artist_id = linked.artist_id
    left join kept
        on artists.folded_name = kept.folded_name
    where kept.folded_name is null

)

select
    {{ hash_text("'artist_spelling|' || folded_name") }} as queue_id,
    'artist_spelling' as kind,
    min(album_id) as album_id,
    max(case when commonest_first = 1 then name end) as artist,
    cast(null as string) as title,
    'artists' as field,
    'one name in ' || cast(count(*) as string) || ' spellings' as reason,
    '[' || {{ join_text(
        "'{\"id\":\"' || cast(artist_id as string) || '\",\"artist\":' || " ~ json_quote('name')
            ~ " || ',\"evidence\":\"albums: ' || cast(album_count as string) || '\"}'",
        ',',
        'commonest_first',
    ) }} || ']' as candidates,
    0.5 as confidence,
    max(case when commonest_first = 1 then name end) as suggestion
from spelled
group by folded_name
having count(*) > 1 and count(distinct name) > 1
