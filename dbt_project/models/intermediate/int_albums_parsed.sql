{{ config(materialized='keyed', sides=[{'key': 'album_id', 'inputs': {
    'stg_library__albums': 'album_id',
    'stg_library__album_artist': 'album_id',
    'stg_library__tracks': 'album_id',
    'stg_library__metadata': 'album_id',
    'stg_library__artists': {'key': 'album_id', 'through': 'stg_library__album_artist', 'on': 'artist_id'},
    'int_album_artist_keys': 'album_id',
    'int_titles_parsed': {'key': 'album_id', 'through': 'stg_library__albums', 'on': 'title'},
}}]) }}

-- Long for its columns: every album once, with all that matching looks at, so that no later model reads the library.

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

album_artist as (

    select distinct * from {{ ref('stg_library__album_artist') }}

),

artists as (

    select * from {{ ref('stg_library__artists') }}

),

tracks as (

    select * from {{ ref('stg_library__tracks') }}

),

titles as (

    select * from {{ ref('int_titles_parsed') }}

),

names as (

    select * from {{ ref('int_album_artist_keys') }}
    where is_whole

),

metadata as (

    select
        album_id,
        max(film_title) as film_title,
        max(film_year) as film_year
    from {{ ref('stg_library__metadata') }}
    group by album_id

),

credited as (

    select
        album_artist.album_id,
        count(distinct artists.name) as artist_count,
        {{ join_text('artists.name', ', ', 'artists.artist_id') }} as artist_display,
        {{ join_text('names.artist_key', '|', 'names.artist_key', distinct_only=true) }} as artist_keys,
        bool_or(coalesce(names.is_various, false)) as is_various
    from album_artist
    inner join artists
        on album_artist.artist_id = artists.artist_id
    left join names
        on album_artist.album_id = names.album_id
        and artists.name = names.name
    group by album_artist.album_id

),

heard as (

    select
        tracks.album_id,
        count(distinct {{ fold_text('tracks.title') }}) as track_count,
        bool_or(
            instr({{ fold_text('tracks.title') }} || ' ', titles.folded_main_title || ' ') = 1
        ) as has_title_track
    from tracks
    inner join albums
        on tracks.album_id = albums.album_id
    inner join titles
        on albums.title = titles.title
    group by tracks.album_id

)

select
    albums.album_id,
    albums.title,
    {{ trimmed(replace_pattern('albums.title', bracket_pattern(), '')) }} as main_title,
    titles.folded_title,
    titles.folded_main_title,
    titles.core,
    titles.core_key,
    titles.subtitle,
    titles.subtitle_text,
    titles.sorted_words,
    titles.numbers,
    titles.edition_words,
    titles.other_work_words,
    titles.type_hint,
    credited.artist_display,
    credited.artist_keys,
    coalesce(credited.artist_count, 0) as artist_count,
    metadata.film_title,
    coalesce(albums.year, titles.year_hint, metadata.film_year) as year,
    coalesce(heard.track_count, 0) as track_count,
    coalesce(heard.has_title_track, false) as has_title_track,
    coalesce(credited.is_various, false) as is_various,
    coalesce(titles.is_soundtrack, false) or not {{ is_blank('metadata.film_title') }} as is_soundtrack,
    coalesce({{ contains_word('credited.artist_keys', 'titles.core_key') }}, false) as is_self_titled
from albums
left join titles
    on albums.title = titles.title
left join credited
    on albums.album_id = credited.album_id
left join metadata
    on albums.album_id = metadata.album_id
left join heard
    on albums.album_id = heard.album_id
