with votes as (

    select * from {{ ref('int_album_genre_votes') }}

),

-- rounded, because a sum of doubles depends on their order
weighed as (

    select
        *,
        {{ rounded('sum(weight) over (partition by album_id, level)', 6) }}
            as level_weights
    from votes

),

-- what was voted on one level is one opinion, however many voted: it weighs
-- fully from a total of 2, which is two people or a genre and its style
opinions as (

    select
        *,
        max(level_weight) over (partition by album_id, level)
        * least(1, level_weights / 2)
        * weight / level_weights as opinion
    from weighed

)

select * from opinions
