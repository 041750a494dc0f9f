-- What the raw tables hold by now, read anew after each stage: run by worklist.py after worklist_albums.sql.

create or replace temp table work_questions as
with

answers as (

    select 'urls' as place, asked, fetched_at, status, rowid as answer_id from musicbrainz.urls
    union all
    select 'groups', asked, fetched_at, status, rowid from musicbrainz.release_groups
    union all
    select 'names', asked, fetched_at, status, rowid from musicbrainz.artists
    union all
    select 'look_ups', asked, fetched_at, status, rowid from listenbrainz.recordings
    union all
    select 'hydration', asked, fetched_at, status, rowid from listenbrainz.release_groups
    union all
    select 'covers', asked, fetched_at, status, rowid from cover_art_archive.front_covers
    union all
    select 'discogs', asked, fetched_at, status, rowid from discogs.releases
    union all
    select 'spotify', asked, fetched_at, status, rowid from spotify.albums

)

select distinct
    place,
    answer_id,
    status,
    fetched_at,
    unnest(from_json(asked, '[{"question":"VARCHAR"}]')).question as question
from answers;

create or replace temp table work_links as
with

answers as (

    select cast(payload as json) as payload
    from musicbrainz.urls
    where status = 200 and json_valid(payload)

),

urls as (

    select unnest(from_json(
        case when json_type(payload, '$.urls') = 'ARRAY' then json_extract(payload, '$.urls') else json_array(payload) end,
        '[{"resource":"VARCHAR","relations":[{"release":{"id":"VARCHAR"}}]}]'
    )) as url
    from answers

)

select distinct
    url.resource as resource,
    unnest(url.relations).release.id as release_id
from urls;

create or replace temp table work_hits as
with

answers as (

    select
        rowid as answer_id,
        cast(payload as json) as payload,
        -- a look-up follows an id that was merged: what it finds is known by the id that was asked
        regexp_extract(request_key, '^/ws/2/release-group/([0-9a-f-]{36})', 1) as asked_id
    from musicbrainz.release_groups
    where status = 200 and json_valid(payload)

),

hits as (

    select
        answer_id,
        asked_id,
        unnest(from_json(
            case when asked_id = '' then json_extract(payload, '$."release-groups"') else json_array(payload) end,
            '[{"id":"VARCHAR","title":"VARCHAR","primary-type":"VARCHAR","secondary-types":["VARCHAR"],"artist-credit":[{"name":"VARCHAR","artist":{"name":"VARCHAR"}}],"releases":[{"id":"VARCHAR"}]}]'
        )) as hit
    from answers

)

select
    answer_id,
    lower(coalesce(nullif(asked_id, ''), hit.id)) as release_group_id,
    hit.title as title,
    hit."primary-type" as primary_type,
    coalesce(hit."secondary-types", []) as secondary_types,
    list_transform(hit.releases, lambda release: lower(release.id)) as release_ids,
    array_to_string(list_transform(
        hit."artist-credit", lambda credit: coalesce(credit.name || ' ', '')
            || case when credit.name is distinct from credit.artist.name then coalesce(credit.artist.name, '') else '' end
    ), ' ') as credit
from hits
where hit.id is not null and trim(coalesce(hit.title, '')) <> '';

create or replace temp table work_groups as
with

newest as (

    select * from work_hits
    qualify row_number() over (partition by release_group_id order by answer_id desc) = 1

),

-- folding is what costs here, so nothing is folded twice
folded as (

    select
        *,
        fold_text(left(title, 400)) as folded_title,
        fold_text(left(credit, 1000)) as folded_credit,
        main_title(title) as plain_title
    from newest

)

select
    release_group_id,
    primary_type,
    secondary_types,
    release_ids,
    folded_title,
    case when plain_title = title then folded_title else fold_text(plain_title) end as folded_main_title,
    telling_words(folded_title) as title_words,
    telling_words(folded_credit) as credit_words,
    contains(folded_credit, 'various artists') as is_various
from folded;

-- What the identifiers in the library lead to: one row per album, release and release group (null: not known yet).
create or replace temp table work_identified as
with

releases as (

    select distinct release_group_id, unnest(release_ids) as release_id from work_groups

)

select distinct
    work_resources.album_id,
    lower(work_links.release_id) as release_id,
    releases.release_group_id
from work_resources
inner join work_links on work_resources.resource = work_links.resource
left join releases on lower(work_links.release_id) = releases.release_id
where work_links.release_id is not null;

-- Releases on which ListenBrainz knows a track of the album: one row per album, release and release group (null: not
-- known yet). Its answer numbers the tracks as they were asked.
create or replace temp table work_looked_up as
with

answers as (

    select
        rowid as answer_id,
        from_json(asked, '[{"question":"VARCHAR"}]') as items,
        cast(payload as json) as payload
    from listenbrainz.recordings
    where status = 200 and json_valid(payload) and json_valid(asked)

),

places as (

    select answer_id, unnest(items).question as question, unnest(range(len(items))) as place
    from answers

),

questions as (

    select answer_id, question, row_number() over (partition by answer_id order by min(place)) - 1 as number
    from places
    group by 1, 2

),

hits as (

    select
        answer_id,
        unnest(from_json(payload, '[{"index":"VARCHAR","release_mbid":"VARCHAR"}]')) as hit
    from answers
    where json_type(payload) = 'ARRAY'

),

releases as (

    select distinct release_group_id, unnest(release_ids) as release_id from work_groups

)

select distinct
    work_albums.album_id,
    lower(hits.hit.release_mbid) as release_id,
    releases.release_group_id
from hits
inner join questions
    on hits.answer_id = questions.answer_id and try_cast(hits.hit."index" as bigint) = questions.number
inner join work_albums on questions.question = 'lookup:' || work_albums.question_key
left join releases on lower(hits.hit.release_mbid) = releases.release_id
where regexp_full_match(lower(hits.hit.release_mbid), '[0-9a-f-]{36}');

-- One row per album and release group that could be it.
create or replace temp table work_candidates as
with

by_identifier as (

    select distinct album_id, release_group_id from work_identified where release_group_id is not null

),

by_look_up as (

    select distinct album_id, release_group_id from work_looked_up where release_group_id is not null

),

by_decision as (

    select distinct work_albums.album_id, lower(trim(decisions.value)) as release_group_id
    from work_albums
    inner join sillon.decisions on work_albums.album_id = cast(decisions.album_id as varchar)
    where decisions.decision = 'accept' and decisions.field = 'match' and decisions.value is not null

),

by_question as (

    select distinct work_albums.album_id, work_hits.release_group_id
    from work_questions
    inner join work_albums on regexp_replace(work_questions.question, '^(pair|alone):', '') = work_albums.question_key
    inner join work_hits on work_questions.answer_id = work_hits.answer_id
    where work_questions.place = 'groups' and regexp_matches(work_questions.question, '^(pair|alone):')

),

found as (

    select album_id, release_group_id, bool_or(is_given) as is_given
    from (
        select album_id, release_group_id, true as is_given from by_identifier
        union all
        select album_id, release_group_id, true from by_look_up
        union all
        select album_id, release_group_id, true from by_decision
        union all
        select album_id, release_group_id, false from by_question
    ) as ways
    group by 1, 2

),

compared as (

    select
        found.*,
        work_groups.primary_type,
        work_albums.folded_title in (work_groups.folded_title, work_groups.folded_main_title) as is_same_title,
        len(list_intersect(work_albums.title_words, work_groups.title_words)) * 1.0
            / greatest(len(list_distinct(list_concat(work_albums.title_words, work_groups.title_words))), 1) as title_share,
        list_has_all(work_albums.title_words, work_groups.title_words)
            or list_has_all(work_groups.title_words, work_albums.title_words)
            or contains(work_albums.folded_title, work_groups.folded_main_title)
            or contains(work_groups.folded_title, work_albums.folded_title) as is_contained,
        len(list_intersect(work_albums.artist_words, work_groups.credit_words)) as shared_artist_words,
        -- a soundtrack may stand in the library under the one artist that was heard
        len(work_albums.artist_words) = 0
            or work_albums.folded_title in (work_groups.folded_title, work_groups.folded_main_title)
            and (work_groups.is_various or list_contains(work_groups.secondary_types, 'Soundtrack'))
            or (work_albums.is_collective or work_albums.is_soundtrack)
            and (work_groups.is_various or list_has_any(work_groups.secondary_types, ['Soundtrack', 'Compilation']))
            as needs_no_artist
    from found
    inner join work_albums on found.album_id = work_albums.album_id
    left join work_groups on found.release_group_id = work_groups.release_group_id

),

judged as (

    select
        *,
        coalesce((is_same_title or is_contained) and (shared_artist_words > 0 or needs_no_artist), false) as is_plausible
    from compared

)

select
    album_id,
    release_group_id,
    is_plausible,
    coalesce(is_same_title, false) as is_same_title,
    row_number() over (
        partition by album_id
        order by is_given desc, is_same_title desc, title_share desc, shared_artist_words desc,
            coalesce(primary_type = 'Album', false) desc, release_group_id
    ) as place
from judged
where is_plausible or is_given;

create or replace temp table work_covers as
with

hydrated as (

    select cast(payload as json) as payload
    from listenbrainz.release_groups
    where status = 200 and json_valid(payload)

),

-- read once as a map: a path per key would read the whole answer again for each of its hundred keys
entries as (

    select unnest(map_entries(from_json(
        payload, '"MAP(VARCHAR, STRUCT(release_group STRUCT(caa_id VARCHAR)))"'
    ))) as entry
    from hydrated
    where json_type(payload) = 'OBJECT'

),

known as (

    select
        lower(entry.key) as release_group_id,
        coalesce(entry.value.release_group.caa_id, '') <> '' as has_cover,
        true as is_hydrated
    from entries
    union all
    select question[15:], status = 307, false
    from work_questions
    where place = 'covers'

)

select
    release_group_id,
    bool_or(has_cover) as has_cover,
    bool_or(is_hydrated) as is_hydrated
from known
group by 1;

create or replace temp table work_owned as
with

answers as (

    select fetched_at, cast(payload as json) as payload
    from discogs.releases
    where status = 200 and json_valid(payload)

),

items as (

    select
        fetched_at,
        unnest(case
            when json_type(payload, '$.releases') = 'ARRAY' then json_extract(payload, '$.releases[*]')
            else [payload]
        end) as item
    from answers

)

select
    coalesce(json_extract_string(item, '$.basic_information.id'), json_extract_string(item, '$.id')) as release_discogs_id,
    max(fetched_at) as fetched_at,
    bool_or(
        coalesce(json_extract_string(item, '$.basic_information.cover_image'), '') <> ''
        or coalesce(json_extract_string(item, '$.images[0].uri'), '') <> ''
    ) as has_cover
from items
group by 1;

-- Questions to which Spotify named any album at all.
create or replace temp table work_found_elsewhere as
select distinct work_questions.question
from work_questions
inner join spotify.albums on work_questions.answer_id = spotify.albums.rowid
where work_questions.place = 'spotify'
    and spotify.albums.status = 200
    and json_valid(spotify.albums.payload)
    and json_array_length(spotify.albums.payload, '$.albums.items') > 0;
