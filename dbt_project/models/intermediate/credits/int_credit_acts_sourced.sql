{{ config(materialized='table') }}

-- The acts that a matched release group and Discogs credit on the albums of a library artist.

with linked as (

    select
        links.artist_id,
        links.album_id,
        albums.discogs_id,
        {{ fold_text('artists.name') }} as folded_name
    from {{ ref('stg_library__album_artist') }} as links
    inner join {{ ref('stg_library__artists') }} as artists
        on links.artist_id = artists.artist_id
    inner join {{ ref('stg_library__albums') }} as albums
        on links.album_id = albums.album_id

),

matched as (

    select
        linked.artist_id,
        linked.folded_name,
        credits.release_group_musicbrainz_id as credited_id,
        'matched_release_group' as rule,
        credits.position,
        credits.name,
        credits.join_phrase
    from linked
    inner join {{ ref('int_albums_matched') }} as matches
        on linked.album_id = matches.album_id
    inner join {{ ref('stg_musicbrainz__release_group_credits') }} as credits
        on matches.release_group_musicbrainz_id = credits.release_group_musicbrainz_id
    where matches.verdict = 'certain'

),

discogs as (

    select
        linked.artist_id,
        linked.folded_name,
        credits.release_discogs_id as credited_id,
        'discogs' as rule,
        credits.position,
        coalesce(credits.name_variation, credits.name) as name,
        credits.join_phrase
    from linked
    inner join {{ ref('stg_discogs__release_artists') }} as credits
        on linked.discogs_id = credits.release_discogs_id

)

select distinct * from matched
union all
select distinct * from discogs
