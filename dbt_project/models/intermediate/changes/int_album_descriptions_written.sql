{{ config(materialized='table') }}

-- Long for the fields of the template, each of which may be empty.

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

artists as (

    select * from {{ ref('int_album_artists_phrased') }}

),

facts as (

    select
        album_id,
        max(case when field = 'year' then settled_value end) as year,
        max(case when field = 'genre' then settled_value end) as genre
    from {{ ref('int_album_facts_settled') }}
    group by 1

),

settings as (

    select * from {{ ref('int_settings_resolved') }}

),

-- one line each, without the control characters that mark the fields below
fields as (

    select
        albums.album_id,
        settings.description_template as template,
        settings.language,
        {{ one_line('left(albums.title, 600)') }} as title,
        {{ one_line('artists.phrase') }} as artist,
        {{ one_line('facts.year') }} as year,
        {{ one_line('left(facts.genre, 200)') }} as genre
    from albums
    cross join settings
    left join artists
        on albums.album_id = artists.album_id
    left join facts
        on albums.album_id = facts.album_id

),

-- fields become marks first, so that "{year}" in a title stays what it is
framed as (

    select
        *,
        {{ description_frame(
            'template', ['title', 'artist', 'year', 'genre']
        ) }} as frame
    from fields

),

filled as (

    select
        album_id,
        {{ one_line(fill_frame('frame', ['title', 'artist', 'year', 'genre'])) }}
            as description
    from framed
    -- a title alone says nothing that the library does not say
    where
        title is not null
        and coalesce(artist, year, genre) is not null

),

-- the app's column holds 2000 characters
written as (

    select
        album_id,
        case
            when length(description) > 2000
                then left(description, 1999) || '…'
            else description
        end as description
    from filled
    where description is not null

)

select * from written
