-- Long for its columns: an album as it will be, each value beside its source.

with library_albums as (

    select * from {{ ref('stg_library__albums') }}

),

settled as (

    select album_id, field, settled_value, settled_source
    from {{ ref('int_album_facts_settled') }}
    union all
    select album_id, field, settled_value, settled_source
    from {{ ref('int_album_texts_settled') }}

),

{% set fields = ['year', 'genre', 'description', 'image_url'] -%}
pivoted as (

    select
        {% for field in fields %}
        max(case when field = '{{ field }}' then settled_value end)
            as {{ field }},
        max(case when field = '{{ field }}' then settled_source end)
            as {{ field }}_source,
        {% endfor %}
        album_id
    from settled
    group by album_id

),

artists as (

    select
        album_id,
        {{ join_text('name', ', ', 'position') }} as names
    from {{ ref('int_album_artists_settled') }}
    group by 1

),

tracks as (

    select album_id, count(*) as track_count
    from {{ ref('stg_library__tracks') }}
    group by 1

),

scrobbles as (

    select
        library_tracks.album_id,
        count(*) as scrobble_count
    from {{ ref('stg_library__listening_history') }} as history
    inner join {{ ref('stg_library__tracks') }} as library_tracks
        on history.track_id = library_tracks.track_id
    group by 1

),

matched as (

    select * from {{ ref('int_albums_matched') }}

),

albums as (

    select
        library_albums.album_id,
        library_albums.title,
        artists.names as artist,
        {{ try_integer('pivoted.year') }} as year,
        pivoted.year_source,
        pivoted.genre,
        pivoted.genre_source,
        pivoted.description,
        pivoted.description_source,
        pivoted.image_url,
        pivoted.image_url_source as image_source,
        cast(coalesce(tracks.track_count, 0) as integer) as track_count,
        cast(coalesce(scrobbles.scrobble_count, 0) as bigint) as scrobble_count,
        coalesce(matched.verdict, 'none') as match_verdict,
        matched.release_group_musicbrainz_id
    from library_albums
    left join pivoted
        on library_albums.album_id = pivoted.album_id
    left join artists
        on library_albums.album_id = artists.album_id
    left join tracks
        on library_albums.album_id = tracks.album_id
    left join scrobbles
        on library_albums.album_id = scrobbles.album_id
    left join matched
        on library_albums.album_id = matched.album_id

)

select * from albums
