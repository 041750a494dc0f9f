-- Long for its imports; what it does is one union and one condition.

with matched as (

    select *
    from {{ ref('int_albums_matched') }}
    where verdict = 'certain'

),

parsed as (

    select * from {{ ref('int_albums_parsed') }}

),

musicbrainz_release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

listenbrainz_release_groups as (

    select * from {{ ref('stg_listenbrainz__release_groups') }}

),

settings as (

    select * from {{ ref('int_settings_resolved') }}

),

dated as (

    select
        release_group_musicbrainz_id,
        'musicbrainz' as source,
        1 as precedence,
        {{ year_of('first_release_date') }} as year,
        fetched_at
    from musicbrainz_release_groups
    union all
    select
        release_group_musicbrainz_id,
        'listenbrainz',
        2,
        {{ year_of('date_text') }},
        fetched_at
    from listenbrainz_release_groups

),

-- a first release later than the remaster that the title names is the year
-- of a reissue: something is wrong with the match or the date
possible as (

    select
        matched.album_id,
        matched.release_group_musicbrainz_id,
        matched.score as confidence,
        dated.source,
        dated.year,
        dated.fetched_at,
        row_number() over (
            partition by matched.album_id
            order by dated.precedence
        ) as rank
    from matched
    cross join settings
    inner join dated
        on
            matched.release_group_musicbrainz_id
            = dated.release_group_musicbrainz_id
    left join parsed
        on matched.album_id = parsed.album_id
    where
        dated.year between settings.earliest_year and settings.latest_year
        and dated.year <= coalesce(
            {{ try_integer(extract_pattern(
                'parsed.edition_words', '((18|19|20)[0-9][0-9])'
            )) }},
            settings.latest_year
        )

)

select * from possible
