{{ config(materialized='table') }}

with judged as (

    select * from {{ ref('int_artist_credits_judged') }}

),

acts as (

    select * from {{ ref('int_credit_acts_chosen') }}

)

select
    judged.artist_id,
    judged.name,
    cast(acts.act_position as integer) as act_position,
    acts.act_name,
    acts.join_phrase,
    judged.rule,
    judged.confidence,
    judged.is_applied
from judged
inner join acts
    on judged.artist_id = acts.artist_id
where acts.is_split
