-- The items that are due, by source: run by worklist.py after worklist_answers.sql. Each view names the albums it is for.

create or replace temp view work_asked as
select place, question, max(fetched_at) as fetched_at
from work_questions
group by 1, 2;

create or replace temp view due_urls as
select work_resources.album_id, 'url:' || work_resources.resource as question, work_resources.resource
from work_resources
left join work_asked on work_asked.place = 'urls' and work_asked.question = 'url:' || work_resources.resource
left join (select distinct resource from work_links) as known on work_resources.resource = known.resource
where is_stale(work_asked.fetched_at, known.resource is not null);

create or replace temp view due_releases as
with

releases as (

    select album_id, 'reid' as kind, release_id as mbid from work_identified
    union
    select album_id, 'reid', release_id from work_looked_up
    union all
    select cast(album_id as varchar), 'rgid', lower(trim(value))
    from sillon.decisions
    where decision = 'accept' and field = 'match' and regexp_full_match(lower(trim(value)), '[0-9a-f-]{36}')

),

known as (

    select release_group_id as mbid from work_groups
    union
    select unnest(release_ids) from work_groups

)

select distinct releases.album_id, releases.kind || ':' || releases.mbid as question, releases.kind, releases.mbid
from releases
left join work_asked on work_asked.place = 'groups' and work_asked.question = releases.kind || ':' || releases.mbid
left join known on releases.mbid = known.mbid
where is_stale(work_asked.fetched_at, known.mbid is not null);

-- An album whose identifier has not been answered waits for that answer, so that a night with faults and a calm one
-- ask the same questions in the end.
create or replace temp view work_unidentified as
select
    work_albums.*,
    coalesce(found.has_candidate, false) as has_candidate
from work_albums
left join (
    select album_id, bool_or(is_plausible) as has_candidate from work_candidates group by 1
) as found on work_albums.album_id = found.album_id
where work_albums.album_id not in (select album_id from due_urls)
    and work_albums.album_id not in (select album_id from due_releases)
    and work_albums.album_id not in (
        select work_identified.album_id
        from work_identified
        inner join work_candidates
            on work_identified.album_id = work_candidates.album_id
            and work_identified.release_group_id = work_candidates.release_group_id
        where work_candidates.is_plausible
    );

create or replace temp view due_pairs as
select work_unidentified.*, 'pair:' || work_unidentified.question_key as question
from work_unidentified
left join work_asked
    on work_asked.place = 'groups' and work_asked.question = 'pair:' || work_unidentified.question_key
where work_unidentified.is_batchable and is_stale(work_asked.fetched_at, work_unidentified.has_candidate);

create or replace temp view due_alone as
select work_unidentified.*, 'alone:' || work_unidentified.question_key as question
from work_unidentified
left join work_asked
    on work_asked.place = 'groups' and work_asked.question = 'alone:' || work_unidentified.question_key
where work_unidentified.album_id not in (select album_id from due_pairs)
    and is_stale(work_asked.fetched_at, work_unidentified.has_candidate)
    and (not work_unidentified.has_candidate or work_asked.fetched_at is not null);

-- Where ListenBrainz answers look-ups: albums that no search has found, by the first of their tracks.
create or replace temp view due_look_ups as
with

tracks as (

    select
        album_id,
        first(trim(title) order by try_cast(track_number as integer) nulls last, try_cast(id as hugeint), id) as title
    from library.tracks
    where regexp_matches(left(title, 400), '[\p{L}\p{N}]')
    group by 1

)

select
    work_unidentified.album_id,
    'lookup:' || work_unidentified.question_key as question,
    left(tracks.title, 400) as track_title,
    work_unidentified.first_artist,
    work_unidentified.main_title
from work_unidentified
inner join tracks on work_unidentified.album_id = tracks.album_id
left join work_asked
    on work_asked.place = 'look_ups' and work_asked.question = 'lookup:' || work_unidentified.question_key
where getvariable('looks_up')
    and not work_unidentified.is_collective
    and regexp_matches(work_unidentified.first_artist, '[\p{L}\p{N}]')
    and work_unidentified.album_id not in (select album_id from due_pairs)
    and work_unidentified.album_id not in (select album_id from due_alone)
    and is_stale(work_asked.fetched_at, work_unidentified.has_candidate)
    and (not work_unidentified.has_candidate or work_asked.fetched_at is not null);

create or replace temp view due_hydration as
select work_candidates.album_id, 'release_group:' || work_candidates.release_group_id as question,
    work_candidates.release_group_id
from work_candidates
left join work_asked
    on work_asked.place = 'hydration' and work_asked.question = 'release_group:' || work_candidates.release_group_id
left join work_covers on work_candidates.release_group_id = work_covers.release_group_id
where work_candidates.place <= 8 and is_stale(work_asked.fetched_at, coalesce(work_covers.is_hydrated, false));

-- Where ListenBrainz names no cover, the archive itself is asked: for the three best candidates, down to the first
-- one that has a cover.
create or replace temp view due_covers as
with

ranked as (

    select
        work_candidates.*,
        work_asked.fetched_at,
        coalesce(work_covers.has_cover, false) as has_cover,
        coalesce(work_covers.has_cover and work_covers.is_hydrated, false) as is_named,
        min(case when work_covers.has_cover then work_candidates.place end)
            over (partition by work_candidates.album_id) as first_covered
    from work_candidates
    inner join work_albums on work_candidates.album_id = work_albums.album_id
    left join work_covers on work_candidates.release_group_id = work_covers.release_group_id
    left join work_asked
        on work_asked.place = 'covers' and work_asked.question = 'release_group:' || work_candidates.release_group_id
    where list_has_any(work_albums.holes, ['image', 'old_image'])

)

select album_id, 'release_group:' || release_group_id as question, release_group_id
from ranked
where place <= 3
    and place <= coalesce(first_covered, 3)
    and not is_named
    and is_stale(fetched_at, has_cover);

-- Covers of the archive that Sillon wrote and that stand in the library still are asked for again, for an archive loses
-- pictures too: those not asked since `covers`, a 28th of them a night, so that none waits longer than four weeks more.
create or replace temp view due_covers_again as
with

written as (

    select
        images.album_id,
        regexp_extract(lower(applied_changes.evidence_url), 'release-group/([0-9a-f-]{36})', 1) as release_group_id,
        max(applied_changes.fetched_at) as fetched_at
    from sillon.applied_changes
    inner join library.images
        on cast(applied_changes.album_id as varchar) = images.album_id
        and applied_changes.new_value = images.url
    where applied_changes.target = 'in_place'
        and applied_changes.state = 'applied'
        and applied_changes.table_name = 'images'
        and applied_changes.source = 'cover_art_archive'
    group by 1, 2

)

select
    written.album_id,
    'release_group:' || written.release_group_id as question,
    written.release_group_id
from written
left join work_asked
    on work_asked.place = 'covers' and work_asked.question = 'release_group:' || written.release_group_id
where getvariable('wants_images')
    and written.release_group_id <> ''
    and coalesce(work_asked.fetched_at, written.fetched_at) < getvariable('covers_before')
    and md5_number_lower(written.release_group_id) % 28 = cast(floor(epoch(getvariable('covers_before')) / 86400) as bigint) % 28;

create or replace temp view due_discogs as
select work_albums.album_id, 'release:' || work_albums.release_discogs_id as question, work_albums.release_discogs_id
from work_albums
left join work_asked
    on work_asked.place = 'discogs' and work_asked.question = 'release:' || work_albums.release_discogs_id
left join work_owned on work_albums.release_discogs_id = work_owned.release_discogs_id
where work_albums.release_discogs_id is not null
    and is_stale(
        nullif(greatest(
            coalesce(work_asked.fetched_at, timestamp '1970-01-01'), coalesce(work_owned.fetched_at, timestamp '1970-01-01')
        ), timestamp '1970-01-01'),
        work_owned.release_discogs_id is not null
    );

-- The last resort: everything else has been asked, and no candidate has a cover.
create or replace temp view due_spotify as
with

waiting as (

    select album_id from due_urls where getvariable('asks_musicbrainz')
    union all
    select album_id from due_releases where getvariable('asks_musicbrainz')
    union all
    select album_id from due_pairs where getvariable('asks_musicbrainz')
    union all
    select album_id from due_alone where getvariable('asks_musicbrainz')
    union all
    select album_id from due_look_ups where getvariable('asks_musicbrainz')
    union all
    select album_id from due_hydration where getvariable('asks_musicbrainz')
    union all
    select album_id from due_covers where getvariable('asks_musicbrainz')
    union all
    select album_id from due_discogs where getvariable('asks_discogs')

),

covered as (

    select work_candidates.album_id
    from work_candidates
    inner join work_covers on work_candidates.release_group_id = work_covers.release_group_id
    where work_covers.has_cover and work_candidates.is_plausible
    union all
    select work_albums.album_id
    from work_albums
    inner join work_owned on work_albums.release_discogs_id = work_owned.release_discogs_id
    where work_owned.has_cover

)

select work_albums.*, 'album:' || work_albums.question_key as question
from work_albums
left join work_asked on work_asked.place = 'spotify' and work_asked.question = 'album:' || work_albums.question_key
left join work_found_elsewhere on 'album:' || work_albums.question_key = work_found_elsewhere.question
where list_has_any(work_albums.holes, ['image', 'old_image'])
    and work_albums.album_id not in (select album_id from waiting)
    and (
        work_albums.album_id not in (select album_id from covered)
        or work_albums.album_id in (select album_id from work_left_without)
    )
    and is_stale(work_asked.fetched_at, work_found_elsewhere.question is not null);
