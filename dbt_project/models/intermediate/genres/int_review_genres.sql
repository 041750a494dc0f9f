with tallied as (

    select *
    from {{ ref('int_album_genres_tallied') }}
    where verdict = 'disputed'

),

library_albums as (

    select * from {{ ref('stg_library__albums') }}

),

parsed as (

    select * from {{ ref('int_albums_parsed') }}

),

listed as (

    select * from {{ ref('int_review_genre_candidates') }}

),

-- what was accepted or locked is no question any more
answered as (

    select album_id
    from {{ ref('int_values_accepted') }}
    where field = 'genre'
    union
    select album_id
    from {{ ref('int_fields_locked') }}
    where field = 'genre'

),

queued as (

    select
        {{ hash_text("'genre|' || cast(tallied.album_id as string)") }}
            as queue_id,
        'genre' as kind,
        tallied.album_id,
        parsed.artist_display as artist,
        library_albums.title,
        'genre' as field,
        'the sources disagree: ' || tallied.genre || ' has '
        || cast(cast({{ rounded('tallied.share * 100') }} as integer) as string)
        || ' % of the votes'
        || coalesce(', ' || tallied.runner_up || ' '
            || cast(cast({{ rounded('tallied.runner_up_share * 100') }} as integer) as string)
            || ' %', '') as reason,
        listed.candidates,
        cast({{ rounded('tallied.share', 4) }} as double) as confidence,
        case when tallied.genre <> 'other' then tallied.genre end as suggestion
    from tallied
    inner join library_albums
        on tallied.album_id = library_albums.album_id
    inner join listed
        on tallied.album_id = listed.album_id
    left join parsed
        on tallied.album_id = parsed.album_id
    left join answered
        on tallied.album_id = answered.album_id
    where {{ is_blank('library_albums.genre') }} and answered.album_id is null

)

select * from queued
