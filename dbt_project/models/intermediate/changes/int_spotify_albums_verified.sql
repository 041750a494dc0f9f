-- Long for its columns: what Spotify answered stands beside what the album says of itself.

with spotify_albums as (

    select *
    from {{ ref('stg_spotify__albums') }}
    where image_url like 'https://%'

),

parsed as (

    select * from {{ ref('int_albums_parsed') }}

),

artists as (

    select * from {{ ref('int_album_artists_linked') }}

),

names as (

    select
        album_id,
        {{ join_text('name', ', ', 'artist_id') }} as names,
        {{ join_text('name', ' & ', 'artist_id') }} as names_and
    from artists
    group by 1

),

-- an answer counts only for the very album that it was asked for
compared as (

    select
        parsed.album_id,
        spotify_albums.album_spotify_id,
        spotify_albums.title,
        spotify_albums.artists,
        spotify_albums.release_date,
        spotify_albums.album_type,
        spotify_albums.image_url,
        'https://open.spotify.com/album/' || spotify_albums.album_spotify_id
            as page_url,
        spotify_albums.fetched_at,
        {{ fold_text('spotify_albums.title') }} = parsed.folded_title
            as has_same_title,
        coalesce({{ fold_text('spotify_albums.artists') }} in (
            {{ fold_text('names.names') }}, {{ fold_text('names.names_and') }}
        ), false) as has_same_artist,
        -- a single of the album's name has not the tracks that were heard
        coalesce(spotify_albums.track_count >= parsed.track_count, true)
            as holds_tracks_heard
    from spotify_albums
    inner join parsed
        on spotify_albums.asked_album_id = parsed.album_id
    left join names
        on parsed.album_id = names.album_id

),

ranked as (

    select
        *,
        has_same_title and has_same_artist and holds_tracks_heard
            as is_same_album,
        row_number() over (
            partition by album_id
            order by
                (has_same_title and has_same_artist) desc,
                holds_tracks_heard desc,
                case when album_type = 'album' then 0 else 1 end,
                release_date,
                album_spotify_id
        ) as rank
    from compared

)

select * from ranked
