{{ config(materialized='keyed', sides=[
    {'key': 'album_id', 'inputs': {
        'int_album_candidates': 'album_id',
        'int_albums_parsed': 'album_id',
        'stg_sillon__decisions': 'album_id',
    }},
]) }}

-- Of every album's candidates the best and the next one, and how sure that is.
-- Long for its decisions: what the person accepted or refused must be taken out before candidates are ranked.

with albums as (

    select * from {{ ref('int_albums_parsed') }}

),

candidates as (

    select * from {{ ref('int_album_candidates') }}

),

decisions as (

    select album_id, decision, lower(value) as release_group_musicbrainz_id
    from {{ ref('stg_sillon__decisions') }}
    where field = 'match'
        and decision in ('accept', 'refuse')

),

thresholds as (

    select
        max(case when name = 'certain' then value end) as certain,
        max(case when name = 'gap' then value end) as gap,
        max(case when name = 'likely' then value end) as likely,
        max(case when name = 'unsure' then value end) as unsure,
        max(case when name = 'identifier' then value end) as identifier
    from {{ ref('match_thresholds') }}
    where topic = 'verdict'

),

accepted as (

    select album_id, max(release_group_musicbrainz_id) as release_group_musicbrainz_id
    from decisions
    where decision = 'accept'
    group by album_id

),

refused as (

    select distinct album_id, release_group_musicbrainz_id
    from decisions
    where decision = 'refuse'
        and release_group_musicbrainz_id is not null

),

-- a refusal without a release group refuses every one
refused_whole as (

    select distinct album_id
    from decisions
    where decision = 'refuse'
        and release_group_musicbrainz_id is null

),

allowed as (

    select
        candidates.*,
        accepted.album_id is not null as is_accepted,
        case
            when accepted.album_id is not null then 1.0
            when candidates.is_identifier_believed then greatest(candidates.score, thresholds.identifier)
            else candidates.score
        end as final_score
    from candidates
    cross join thresholds
    left join accepted
        on candidates.album_id = accepted.album_id
        and candidates.release_group_musicbrainz_id = accepted.release_group_musicbrainz_id
    left join refused
        on candidates.album_id = refused.album_id
        and candidates.release_group_musicbrainz_id = refused.release_group_musicbrainz_id
    left join refused_whole
        on candidates.album_id = refused_whole.album_id
    where accepted.album_id is not null
        or (refused.album_id is null and refused_whole.album_id is null)

),

ranked as (

    select
        *,
        row_number() over ranking as place,
        count(*) over (partition by album_id) as candidates,
        bool_or(is_identified and not is_identifier_believed) over (partition by album_id) as has_conflict,
        count(*) filter (where is_identifier_believed) over (partition by album_id) as believed_identifiers
    from allowed
    window ranking as (
        partition by album_id
        order by
            is_accepted desc, is_identifier_believed desc, final_score desc, score desc, release_group_musicbrainz_id
    )

),

placed as (

    select
        album_id,
        max(case when place = 1 then release_group_musicbrainz_id end) as release_group_musicbrainz_id,
        max(case when place = 1 then final_score end) as score,
        max(case when place = 1 then evidence end) as evidence,
        bool_or(place = 1 and is_accepted) as is_accepted,
        bool_or(place = 1 and is_identifier_believed) as is_identifier_believed,
        max(case when place = 2 then release_group_musicbrainz_id end) as runner_up_id,
        max(case when place = 2 then final_score end) as runner_up_score,
        max(candidates) as candidates,
        bool_or(has_conflict) as has_conflict,
        max(believed_identifiers) as believed_identifiers
    from ranked
    group by album_id

),

judged as (

    select
        placed.*,
        {{ rounded('placed.score - coalesce(placed.runner_up_score, 0)', 4) }} as gap,
        case
            when placed.is_accepted then 'certain'
            when placed.is_identifier_believed and placed.believed_identifiers = 1
                and not placed.has_conflict then 'certain'
            when placed.score < thresholds.unsure then 'none'
            when placed.runner_up_score is not null
                and placed.score - placed.runner_up_score < thresholds.gap - 0.00001 then 'unsure'
            when placed.score >= thresholds.certain - 0.00001 and not placed.has_conflict then 'certain'
            when placed.score >= thresholds.likely - 0.00001 then 'likely'
            else 'unsure'
        end as verdict
    from placed
    cross join thresholds

),

-- what the person accepted stands, even before the release group itself was asked for
decided as (

    select
        judged.*,
        judged.album_id is not null and judged.verdict <> 'none' as is_found
    from judged

)

select
    albums.album_id,
    case
        when accepted.album_id is not null then accepted.release_group_musicbrainz_id
        when decided.is_found then decided.release_group_musicbrainz_id
    end as release_group_musicbrainz_id,
    case when accepted.album_id is not null then 1.0 else coalesce(decided.score, 0.0) end as score,
    decided.runner_up_id,
    decided.runner_up_score,
    decided.gap,
    coalesce(decided.candidates, 0) as candidates,
    case when accepted.album_id is not null then 'accepted by you; ' else '' end
        || coalesce(decided.evidence, 'no candidate')
        || case when decided.has_conflict then '; an identifier names another title' else '' end as evidence,
    case when accepted.album_id is not null then 'certain' else coalesce(decided.verdict, 'none') end as verdict,
    case
        when accepted.album_id is not null then 'decision'
        when not coalesce(decided.is_found, false) then 'none'
        when decided.is_identifier_believed then 'identifier'
        else 'text'
    end as method
from albums
left join decided
    on albums.album_id = decided.album_id
left join accepted
    on albums.album_id = accepted.album_id
