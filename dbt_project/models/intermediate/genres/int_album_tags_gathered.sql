with matched as (

    select
        album_id,
        release_group_musicbrainz_id
    from {{ ref('int_albums_matched') }}
    where verdict = 'certain'
        and release_group_musicbrainz_id is not null

),

listenbrainz_tags as (

    select * from {{ ref('stg_listenbrainz__release_group_tags') }}

),

musicbrainz_tags as (

    select * from {{ ref('stg_musicbrainz__release_group_tags') }}

),

listenbrainz_words as (

    select
        matched.album_id,
        matched.release_group_musicbrainz_id as source_key,
        'listenbrainz' as source,
        listenbrainz_tags.level,
        case when listenbrainz_tags.is_genre then 'genre' else 'tag' end as kind,
        listenbrainz_tags.tag as word,
        listenbrainz_tags.votes
    from matched
    inner join listenbrainz_tags
        on
            matched.release_group_musicbrainz_id
            = listenbrainz_tags.release_group_musicbrainz_id

),

-- ListenBrainz hands on the votes of MusicBrainz: counted once, where the
-- genres are told from the tags
musicbrainz_words as (

    select
        matched.album_id,
        matched.release_group_musicbrainz_id as source_key,
        'musicbrainz' as source,
        'release_group' as level,
        'tag' as kind,
        musicbrainz_tags.tag as word,
        musicbrainz_tags.votes
    from matched
    inner join musicbrainz_tags
        on
            matched.release_group_musicbrainz_id
            = musicbrainz_tags.release_group_musicbrainz_id
    left join listenbrainz_tags
        on
            musicbrainz_tags.release_group_musicbrainz_id
            = listenbrainz_tags.release_group_musicbrainz_id
            and musicbrainz_tags.tag = listenbrainz_tags.tag
            and listenbrainz_tags.level = 'release_group'
    where listenbrainz_tags.tag is null

),

gathered as (

    select * from listenbrainz_words
    union all
    select * from musicbrainz_words

)

select * from gathered
