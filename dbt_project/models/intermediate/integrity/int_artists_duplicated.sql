with artists as (

    select
        artist_id,
        name,
        {{ fold_text('name') }} as folded_name
    from {{ ref('stg_library__artists') }}

),

grouped as (

    select
        *,
        min(artist_id) over (partition by folded_name) as first_artist_id,
        row_number() over (
            partition by folded_name
            order by artist_id
        ) as rank
    from artists
    where folded_name is not null

),

duplicated as (

    select
        grouped.artist_id,
        grouped.name,
        grouped.folded_name,
        grouped.first_artist_id,
        artists.name as first_name
    from grouped
    inner join artists
        on grouped.first_artist_id = artists.artist_id
    where grouped.rank > 1

)

select * from duplicated
