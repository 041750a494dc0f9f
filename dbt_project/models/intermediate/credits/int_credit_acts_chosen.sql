{{ config(materialized='table') }}

-- Of all evidence the strongest: the person, the matched release group,
-- MusicBrainz' names, Discogs, then rules and seeds.

with ruled as (

    select * from {{ ref('int_credits_ruled') }}

),

rules as (

    select * from {{ ref('credit_rules') }}

),

offered as (

    select
        artist_id, 1 as precedence, 'decided' as rule, cast(null as double) as confidence, act_count > 1 as is_split,
        act_position, act_name, cast(null as string) as join_phrase, true as is_all_certain
    from {{ ref('int_credits_decided') }}
    union all
    select
        artist_id, case rule when 'discogs' then 4 else 2 end, rule,
        null, act_count > 1,
        act_position, act_name, join_phrase, true
    from {{ ref('int_credits_sourced') }}
    union all
    select
        ruled.artist_id, case when ruled.is_known_to_musicbrainz then 3 else 5 end, ruled.rule,
        ruled.confidence, ruled.is_split,
        acts.act_position, acts.act_name,
        coalesce(lead(acts.join_phrase_before) over (
            partition by acts.artist_id order by acts.act_position
        ), ''),
        ruled.is_all_certain
    from ruled
    inner join {{ ref('int_credit_acts_ruled') }} as acts
        on ruled.artist_id = acts.artist_id

),

ranked as (

    select
        *,
        dense_rank() over (partition by artist_id order by precedence) as best_first
    from offered

)

select
    ranked.artist_id,
    ranked.rule,
    coalesce(ranked.confidence, rules.confidence) as confidence,
    rules.why as reason,
    ranked.is_split,
    ranked.is_all_certain,
    ranked.act_position,
    ranked.act_name,
    ranked.join_phrase
from ranked
inner join rules
    on ranked.rule = rules.rule
where ranked.best_first = 1
