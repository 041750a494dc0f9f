-- The match part of the review queue: albums whose best candidate is not sure enough to be applied.
-- Long for the candidates, told with everything that a person needs to decide.

with matched as (

    select * from {{ ref('int_albums_matched') }}
    where verdict in ('likely', 'unsure')

),

albums as (

    select * from {{ ref('int_albums_parsed') }}

),

candidates as (

    select * from {{ ref('int_album_candidates') }}

),

release_groups as (

    select * from {{ ref('int_release_groups_parsed') }}

),

ranked as (

    select
        candidates.album_id,
        candidates.release_group_musicbrainz_id,
        candidates.score,
        candidates.evidence,
        row_number() over (
            partition by candidates.album_id
            order by candidates.is_identified desc, candidates.score desc, candidates.release_group_musicbrainz_id
        ) as place
    from candidates
    inner join matched
        on candidates.album_id = matched.album_id

),

shown as (

    select
        ranked.album_id,
        '[' || {{ join_text(
            candidate_json(
                'release_groups.release_group_musicbrainz_id',
                'release_groups.title',
                'release_groups.artist_credit',
                'cast(release_groups.first_year as string)',
                'release_groups.primary_type',
                'ranked.score',
                'ranked.evidence',
                release_group_page('release_groups.release_group_musicbrainz_id'),
            ), ',', 'ranked.place'
        ) }} || ']' as candidates
    from ranked
    inner join release_groups
        on ranked.release_group_musicbrainz_id = release_groups.release_group_musicbrainz_id
    where ranked.place <= 5
    group by ranked.album_id

)

select
    {{ hash_text("'match|' || cast(matched.album_id as string)") }} as queue_id,
    'match' as kind,
    matched.album_id,
    albums.artist_display as artist,
    albums.title,
    'match' as field,
    case
        when matched.gap < 0.04 then 'two candidates are equally good: '
        else 'the best candidate is not sure enough: '
    end || matched.evidence as reason,
    coalesce(shown.candidates, '[]') as candidates,
    matched.score as confidence,
    matched.release_group_musicbrainz_id as suggestion
from matched
inner join albums
    on matched.album_id = albums.album_id
left join shown
    on matched.album_id = shown.album_id
