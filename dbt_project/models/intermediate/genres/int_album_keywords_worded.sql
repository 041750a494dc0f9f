{{ config(materialized='keyed', sides=[{'key': 'album_id', 'inputs': {'int_album_keywords_found': 'album_id'}}]) }}

with found as (

    select * from {{ ref('int_album_keywords_found') }}

),

ranked as (

    select
        album_id,
        genre,
        phrase,
        count(distinct text_key) as place_count,
        row_number() over (
            partition by album_id, genre
            order by max(weight) desc, count(distinct text_key) desc, phrase
        ) as word_rank
    from found
    group by album_id, genre, phrase

),

-- five words are enough to see why
worded as (

    select
        album_id,
        genre,
        {{ join_text(
            "phrase || ' ×' || cast(place_count as string)", ', ', 'word_rank'
        ) }} as evidence
    from ranked
    where word_rank <= 5
    group by album_id, genre

)

select * from worded
