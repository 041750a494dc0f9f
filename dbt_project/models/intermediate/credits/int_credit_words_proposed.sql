{{ config(materialized='table') }}

with words as (

    select * from {{ ref('int_credit_words') }}

),

separators as (

    select * from {{ ref('credit_separators') }}

),

proposed as (

    select
        words.*,
        case when not words.is_number_sign then separators.kind end as kind,
        case when not words.is_number_sign and separators.stands = 'anywhere' then separators.kind end as sure_kind,
        separators.precedence,
        separators.stands
    from words
    left join separators
        on separators.separator = case
            when separators.stands = 'between_names' then words.bare_word
            else lower(words.bare_word)
        end

),

neighboured as (

    select
        *,
        lag(kind) over (partition by artist_id order by position) as kind_before,
        lag(lower(bare_word)) over (partition by artist_id order by position) as word_before,
        lag(sure_kind) over (partition by artist_id order by position) as sure_kind_before,
        lead(sure_kind) over (partition by artist_id order by position) as sure_kind_after,
        lead(kind) over (partition by artist_id order by position) as kind_after,
        sum(case when kind is null then 1 else 0 end) over (
            partition by artist_id order by position
            rows between unbounded preceding and current row
        ) as names_before,
        sum(case when kind is null then 1 else 0 end) over (
            partition by artist_id order by position
            rows between current row and unbounded following
        ) as names_after
    from proposed

)

select * from neighboured
