{{ config(materialized='table') }}

with gathered as (

    select * from {{ ref('int_album_genre_words_gathered') }}

),

source_weights as (

    select * from {{ ref('genre_source_weights') }}

),

aliases as (

    select
        {{ fold_text('alias') }} as folded_alias,
        min(genre) as genre,
        max(weight) as weight
    from {{ ref('genre_aliases') }}
    group by 1

),

-- "Norwegian ambient jazz" is in no list; its last word is
headed as (

    select
        *,
        {{ extract_pattern('folded_word', ' ([^ ]+)$') }} as head_word
    from gathered

),

mapped as (

    select
        headed.album_id,
        headed.source_key,
        headed.source,
        headed.level,
        headed.kind,
        headed.word,
        headed.votes,
        coalesce(known.genre, known_head.genre) as genre,
        -- half the weight where only the last word is known
        coalesce(known.weight, known_head.weight * 0.5) as alias_weight
    from headed
    left join aliases as known
        on headed.folded_word = known.folded_alias
    left join aliases as known_head
        on headed.head_word = known_head.folded_alias

),

weighed as (

    select
        mapped.*,
        source_weights.level_weight,
        mapped.alias_weight * source_weights.word_weight * mapped.votes as weight
    from mapped
    inner join source_weights
        on mapped.source = source_weights.source
        and mapped.level = source_weights.level
        and mapped.kind = source_weights.kind

)

select * from weighed
where weight > 0
