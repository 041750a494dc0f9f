-- Every release group that was compared with an album: what it scored, why, and what became of it.
-- Long for its columns. No row comes twice: what is joined has one row a key (a distinct over the evidence cost half the model).

with candidates as (

    select * from {{ ref('int_album_candidates') }}

),

matched as (

    select * from {{ ref('int_albums_matched') }}

),

release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

identifier as (

    select max(value) as value
    from {{ ref('match_thresholds') }}
    where topic = 'verdict'
        and name = 'identifier'

),

refused as (

    select distinct album_id, lower(value) as release_group_musicbrainz_id
    from {{ ref('stg_sillon__decisions') }}
    where field = 'match'
        and decision = 'refuse'

),

refused_whole as (

    select album_id
    from refused
    where release_group_musicbrainz_id is null

),

judged as (

    select
        candidates.*,
        case
            when matched.release_group_musicbrainz_id = candidates.release_group_musicbrainz_id then matched.score
            when matched.runner_up_id = candidates.release_group_musicbrainz_id then matched.runner_up_score
            when candidates.is_identifier_believed then greatest(candidates.score, identifier.value)
            else candidates.score
        end as final_score,
        case
            when matched.release_group_musicbrainz_id = candidates.release_group_musicbrainz_id
                then case when matched.verdict = 'certain' then 'chosen' else 'waiting' end
            when coalesce(refused.album_id, refused_whole.album_id) is not null and matched.method <> 'decision' then 'refused'
            when matched.runner_up_id = candidates.release_group_musicbrainz_id then 'runner_up'
            else 'beaten'
        end as verdict
    from candidates
    inner join matched
        on candidates.album_id = matched.album_id
    cross join identifier
    left join refused
        on candidates.album_id = refused.album_id
        and candidates.release_group_musicbrainz_id = refused.release_group_musicbrainz_id
    left join refused_whole
        on candidates.album_id = refused_whole.album_id

),

named as (

    select
        {{ hash_text("cast(judged.album_id as string) || '|' || judged.release_group_musicbrainz_id") }}
            as candidate_id,
        cast(judged.album_id as bigint) as album_id,
        judged.release_group_musicbrainz_id,
        release_groups.title,
        release_groups.artist_credit as artist,
        coalesce(
            release_groups.primary_type || coalesce(' + ' || release_groups.secondary_types, ''),
            release_groups.secondary_types
        ) as type,
        release_groups.first_release_date,
        cast(judged.final_score as double) as score,
        judged.verdict,
        judged.is_identified,
        judged.evidence,
        {{ release_group_page('judged.release_group_musicbrainz_id') }} as url
    from judged
    inner join release_groups
        on judged.release_group_musicbrainz_id = release_groups.release_group_musicbrainz_id

)

select * from named
