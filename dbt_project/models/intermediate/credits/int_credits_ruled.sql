{{ config(materialized='table') }}

with boundaries as (

    select
        ruled.*,
        rules.is_split,
        rules.confidence,
        rules.is_certain
    from {{ ref('int_credit_boundaries_ruled') }} as ruled
    inner join {{ ref('credit_rules') }} as rules
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

-- a credit is as sure as its least sure boundary, and is explained by what is
-- least sure in it, a split before a name kept; that MusicBrainz knows the
-- parts makes a split sure, but not the name that is kept whole beside it
weakest as (

    select
        *,
        row_number() over (
            partition by artist_id
            order by is_certain, is_split desc, confidence, atom_position
        ) as weakness,
        min(case when is_certain then 1 else 0 end) over (partition by artist_id) = 1 as is_all_certain,
        min(case when are_known_to_musicbrainz or not is_split then 1 else 0 end) over (partition by artist_id) = 1
            and min(case when is_certain or is_split then 1 else 0 end) over (partition by artist_id) = 1
            as is_all_known,
        min(confidence) over (partition by artist_id) as least_confidence,
        max(case when is_split then 1 else 0 end) over (partition by artist_id) = 1 as splits
    from boundaries

),

ruled as (

    select
        weakest.artist_id,
        weakest.splits as is_split,
        case
            when weakest.splits and weakest.is_all_known and whole.artist_id is null then 'known_to_musicbrainz'
            else weakest.rule
        end as rule,
        weakest.is_all_certain or (weakest.splits and weakest.is_all_known and whole.artist_id is null) as is_all_certain,
        weakest.least_confidence,
        coalesce(whole.is_known_to_musicbrainz, false)
            or (weakest.splits and weakest.is_all_known and whole.artist_id is null) as is_known_to_musicbrainz
    from weakest
    left join whole
        on weakest.artist_id = whole.artist_id
    where weakest.weakness = 1

)

-- what MusicBrainz knows is worth what its rule is worth
select
    artist_id,
    is_split,
    rule,
    case when not is_known_to_musicbrainz then least_confidence end as confidence,
    is_all_certain,
    is_known_to_musicbrainz
from ruled
