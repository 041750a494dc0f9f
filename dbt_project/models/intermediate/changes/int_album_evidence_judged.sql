with applied_changes as (

    select * from {{ ref('stg_sillon__applied_changes') }}

),

known as (

    select * from {{ ref('int_evidence_pages_known') }}

),

decisions as (

    select distinct album_id
    from {{ ref('stg_sillon__decisions') }}
    where field = 'match' and album_id is not null

),

-- a value may be withdrawn only when what it rested on is still at hand, or
-- the person decided about the match: an answer that was lost disowns nothing
judged as (

    select distinct
        applied_changes.album_id,
        applied_changes.evidence_url
    from applied_changes
    left join known
        on applied_changes.evidence_url = known.evidence_url
    left join decisions
        on applied_changes.album_id = decisions.album_id
    where
        applied_changes.target = 'in_place'
        and applied_changes.album_id is not null
        and applied_changes.evidence_url is not null
        and (known.evidence_url is not null or decisions.album_id is not null)

)

select * from judged
