with settings as (

    select * from {{ ref('stg_sillon__settings') }}

),

named as (

    select
        max(case when name = 'run_date' then try_cast(value as date) end)
            as run_date,
        max(case when name = 'description_template' then value end)
            as description_template,
        max(case when name = 'language' then value end) as language,
        max(
            case
                when name = 'refresh_days.cover'
                    then try_cast(value as integer)
            end
        ) as cover_refresh_days
    from settings

),

resolved as (

    select
        ---------- text
        coalesce(description_template, '{title} par {artist} ({year})')
            as description_template,
        coalesce(language, 'fr') as language,

        ---------- numerics
        coalesce(cover_refresh_days, 180) as cover_refresh_days,
        -- the first recordings that were sold are of 1877
        1877 as earliest_year,
        -- an album may be announced for next year, not for later
        coalesce(cast(extract(year from run_date) as integer), 9998) + 1
            as latest_year,

        ---------- dates
        run_date
    from named

)

select * from resolved
