-- Long because one, two, many and various artists each read otherwise.
{{ config(materialized='table') }}

with artists as (

    select * from {{ ref('int_album_artists_settled') }}

),

settings as (

    select * from {{ ref('int_settings_resolved') }}

),

{% set various = "('various artists', 'various', 'va', 'v a', 'artistes divers', 'divers artistes', 'divers', 'multi artistes', 'verschiedene interpreten', 'varios artistas', 'artisti vari')" %}
{% set unknown = "('unknown', 'unknown artist', 'artiste inconnu', 'n a', 'no artist')" %}
named as (

    select
        album_id,
        position,
        name,
        {{ fold_text('name') }} as folded_name
    from artists

),

ranked as (

    select
        album_id,
        name,
        row_number() over (
            partition by album_id
            order by position
        ) as rank,
        count(*) over (partition by album_id) as names
    from named
    where
        folded_name not in {{ unknown }}
        and folded_name not in {{ various }}

),

counted as (

    select
        album_id,
        max(names) as names,
        max(case when rank = 1 then name end) as first_name,
        max(case when rank = 2 then name end) as second_name,
        max(case when rank = 3 then name end) as third_name
    from ranked
    group by 1

),

by_various as (

    select distinct album_id
    from named
    where folded_name in {{ various }}

),

phrased as (

    select
        coalesce(counted.album_id, by_various.album_id) as album_id,
        by_various.album_id is not null as is_various,
        case
            when by_various.album_id is not null and settings.language = 'en'
                then 'various artists'
            when by_various.album_id is not null then 'divers artistes'
            when names = 1 then first_name
            when names = 2 then first_name || last_and || second_name
            when names = 3
                then first_name || ', ' || second_name || last_and || third_name
            else
                first_name || ', ' || second_name || ', ' || third_name
                || last_and || others
        end as phrase
    from counted
    full join by_various
        on counted.album_id = by_various.album_id
    cross join (
        select
            language,
            case when language = 'en' then ' and ' else ' et ' end as last_and,
            case when language = 'en' then 'others' else 'autres' end as others
        from settings
    ) as settings

)

select * from phrased
