with offered as (

    select * from {{ ref('int_album_covers_offered') }}

),

precedence as (

    select *
    from {{ ref('source_precedence') }}
    where field = 'cover'

),

ranked as (

    select
        offered.*,
        row_number() over (
            partition by offered.album_id
            order by precedence.precedence, offered.image_url
        ) as rank
    from offered
    inner join precedence
        on offered.source = precedence.source

),

chosen as (

    select
        best.album_id,
        best.source,
        best.image_url,
        best.evidence_url,
        best.fetched_at,
        best.confidence,
        best.rule,
        coalesce(best.runner_up, second.source || ' ' || second.image_url)
            as runner_up
    from ranked as best
    left join ranked as second
        on
            best.album_id = second.album_id
            and second.rank = 2
    where best.rank = 1

)

select * from chosen
