with possible as (

    select * from {{ ref('int_album_years_offered') }}

),

runner_ups as (

    select * from {{ ref('int_runner_ups_named') }}

),

chosen as (

    select
        best.album_id,
        best.year,
        best.source,
        best.confidence,
        {{ release_group_page('best.release_group_musicbrainz_id') }}
            as evidence_url,
        best.fetched_at,
        'first_release_year' as rule,
        case
            when second.year <> best.year
                then second.source || ' ' || cast(second.year as string)
            else runner_ups.runner_up
        end as runner_up
    from possible as best
    left join possible as second
        on
            best.album_id = second.album_id
            and second.rank = 2
    left join runner_ups
        on best.album_id = runner_ups.album_id
    where best.rank = 1

)

select * from chosen
