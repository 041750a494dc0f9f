with tags as (

    select * from {{ ref('int_album_tags_gathered') }}

),

albums as (

    select * from {{ ref('stg_library__albums') }}

),

discogs_genres as (

    select * from {{ ref('stg_discogs__release_genres') }}

),

discogs_words as (

    select
        albums.album_id,
        discogs_genres.release_discogs_id as source_key,
        'discogs' as source,
        'release' as level,
        discogs_genres.kind,
        discogs_genres.genre as word,
        1 as votes
    from albums
    inner join discogs_genres
        on {{ trimmed('albums.discogs_id') }} = discogs_genres.release_discogs_id

),

gathered as (

    select * from tags
    union all
    select * from discogs_words

)

select
    *,
    {{ fold_text('word') }} as folded_word
from gathered
where votes > 0
