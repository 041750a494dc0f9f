with votes as (

    select * from {{ ref('int_album_genre_votes') }}

),

-- what was voted on one level is one opinion, however many voted: it weighs
-- fully from a total of 2, which is two people or a genre and its style
opinions as (

    select
        *,
        max(level_weight) over (partition by album_id, level)
        * least(1, sum(weight) over (partition by album_id, level) / 2)
        * weight / sum(weight) over (partition by album_id, level) as opinion
    from votes

)

select * from opinions
