-- Long for its imports; what it does is one choice and one row of the queue.

with spotify_albums as (

    select * from {{ ref('int_spotify_albums_verified') }}

),

albums as (

    select * from {{ ref('stg_library__albums') }}

),

artists as (

    select
        album_id,
        {{ join_text('name', ', ', 'position') }} as names
    from {{ ref('int_album_artists_settled') }}
    group by 1

),

pictured as (

    select album_id
    from {{ ref('stg_library__images') }}
    where album_id is not null
    union
    select album_id
    from {{ ref('int_album_covers_settled') }}

),

free as (

    select *
    from {{ ref('int_album_fields_free') }}
    where field = 'image' and is_free

),

-- the title is the album's, the artist is another or unknown, or the tracks
-- that were heard are more than it holds
doubtful as (

    select
        spotify_albums.*,
        row_number() over (
            partition by spotify_albums.album_id
            order by spotify_albums.rank
        ) as place
    from spotify_albums
    inner join free
        on spotify_albums.album_id = free.album_id
    left join pictured
        on spotify_albums.album_id = pictured.album_id
    where
        pictured.album_id is null
        and spotify_albums.has_same_title
        and not spotify_albums.is_same_album

),

queued as (

    select
        {{ hash_text("'cover|' || cast(doubtful.album_id as string)") }}
            as queue_id,
        'cover' as kind,
        doubtful.album_id,
        max(artists.names) as artist,
        max(albums.title) as title,
        'image' as field,
        case
            when max(case when doubtful.has_same_artist then 1 else 0 end) = 1
                then
                    'same title and artist on Spotify, with fewer tracks than'
                    || ' were heard'
            else 'same title on Spotify, by another artist'
        end as reason,
        '[' || {{ join_text(
            candidate_json(
                'doubtful.image_url', 'doubtful.title',
                'doubtful.artists', 'doubtful.release_date',
                'doubtful.album_type', '0.5', "'same title'",
                'doubtful.page_url'
            ), ',', 'doubtful.place'
        ) }} || ']' as candidates,
        cast(0.5 as double) as confidence,
        cast(null as string) as suggestion
    from doubtful
    inner join albums
        on doubtful.album_id = albums.album_id
    left join artists
        on doubtful.album_id = artists.album_id
    where doubtful.place <= 5
    group by doubtful.album_id

)

select * from queued
