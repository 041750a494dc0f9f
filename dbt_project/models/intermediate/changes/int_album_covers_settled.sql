{{ config(materialized='table') }}

with gathered as (

    select * from {{ ref('int_album_covers_compared') }}

),

settled as (

    select
        *,
        case
            when is_ours and chosen_url = live_url then 'keep'
            when not is_free then case when is_ours then 'keep' end
            when not has_image and chosen_url is not null then 'insert'
            when not is_ours then null
            when chosen_url is null and is_judged then 'delete'
            when chosen_url is null then 'keep'
            when rule = 'decided' then 'update'
            when is_still_offered and is_old then 'update'
            when not is_still_offered and is_judged then 'update'
            else 'keep'
        end as action
    from gathered

)

select
    album_id,
    title,
    image_id,
    live_url,
    case
        when action in ('insert', 'update') then chosen_url
        when action = 'keep' then live_url
    end as url,
    source,
    rule,
    evidence_url,
    confidence,
    fetched_at,
    runner_up,
    is_free,
    action
from settled
where action is not null
