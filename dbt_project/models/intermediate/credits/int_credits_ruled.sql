{{ config(materialized='table') }}

with rules as (

    select * from {{ ref('credit_rules') }}

),

boundaries as (

    select
        ruled.*,
        rules.is_split,
        rules.confidence,
        rules.is_certain
    from {{ ref('int_credit_boundaries_ruled') }} as ruled
    inner join rules
        on ruled.rule = rules.rule

),

whole as (

    select
        artist_id,
        min(precedence) = 1 as is_known_to_musicbrainz
    from {{ ref('int_credit_spans_known') }}
    where is_whole
    group by 1

),

-- a credit is as sure as its least sure boundary
weakest as (

    select
        *,
        row_number() over (
            partition by artist_id
            order by confidence, is_split desc, atom_position
        ) as weakness,
        min(case when is_certain then 1 else 0 end) over (partition by artist_id) = 1 as is_all_certain,
        min(case when are_known_to_musicbrainz then 1 else 0 end) over (partition by artist_id) = 1
            as is_all_known,
        max(case when is_split then 1 else 0 end) over (partition by artist_id) = 1 as splits
    from boundaries

),

ruled as (

    select
        weakest.artist_id,
        weakest.splits as is_split,
        case
            when weakest.is_all_known and whole.artist_id is null then 'known_to_musicbrainz'
            else weakest.rule
        end as rule,
        weakest.is_all_certain,
        coalesce(whole.is_known_to_musicbrainz, false)
            or (weakest.is_all_known and whole.artist_id is null) as is_known_to_musicbrainz
    from weakest
    left join whole
        on weakest.artist_id = whole.artist_id
    where weakest.weakness = 1

)

select
    ruled.artist_id,
    ruled.is_split,
    ruled.rule,
    rules.confidence,
    ruled.is_all_certain,
    ruled.is_known_to_musicbrainz,
    rules.why as reason
from ruled
inner join rules
    on ruled.rule = rules.rule
