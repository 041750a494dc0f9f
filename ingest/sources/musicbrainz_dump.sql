-- What a dump says about the albums that are due, as answers of the same shape as the web's: run by musicbrainz_dump.py after
-- the work list's own SQL, on the tables of the dump in the schema `dump` and the session variables dumped_at and run_id.
-- Recall only: a release group is kept where it shares a word of the artist with an album, and of the two titles the rarest
-- word of one with the other; or its whole title where the credit may be another (soundtracks, compilations, no artist).

-- ------------------------------------------------------------------ what could be what
create or replace temp table dump_credits as
select
    artist_credit,
    telling_words(fold_text(left(string_agg(
        credited || case when name is distinct from credited then ' ' || name else '' end, ' ' order by position
    ), 1000))) as words,
    bool_or(folded_name in ('various artists')) as is_various
from (
    select
        artist_credit_name.artist_credit,
        cast(artist_credit_name.position as integer) as position,
        artist_credit_name.name as credited,
        artist.name,
        lower(artist.name) as folded_name
    from dump.artist_credit_name
    inner join dump.artist on artist_credit_name.artist = artist.id
)
group by 1;

create or replace temp table dump_titles as
with

titles as (

    select distinct name as title from dump.release_group

),

folded as (

    select title, fold_text(left(title, 400)) as folded_title, main_title(title) as plain_title from titles

)

select
    title,
    folded_title,
    case when plain_title = title then folded_title else fold_text(plain_title) end as folded_main_title,
    telling_words(folded_title) as words
from folded;

create or replace temp table dump_frequencies as
select word, count(*) as titles
from (select unnest(words) as word from dump_titles)
group by 1;

-- the words of either side, and which of them is its rarest
create or replace temp table dump_title_words as
select title, word, row_number() over (partition by title order by titles, word) = 1 as is_rarest
from (select distinct title, unnest(words) as word from dump_titles) as words
inner join dump_frequencies using (word);

create or replace temp table dump_album_words as
select album_id, word, row_number() over (partition by album_id order by coalesce(titles, 0), word) = 1 as is_rarest
from (select distinct album_id, unnest(title_words) as word from dump_albums) as words
left join dump_frequencies using (word);

create or replace temp table dump_album_keys as
select dump_album_words.album_id, artist_word, word, is_rarest
from dump_album_words
inner join (select distinct album_id, unnest(artist_words) as artist_word from dump_albums) as artists using (album_id);

-- only credits that share a word with an artist of the library, before anything is multiplied
create or replace temp table dump_credit_words as
select artist_credit, word as artist_word
from (select distinct artist_credit, unnest(words) as word from dump_credits)
where word in (select artist_word from dump_album_keys);

create or replace temp table dump_links as
select work_resources.resource, work_resources.album_id, release.gid, release.name, release.release_group
from work_resources
inner join dump.url on work_resources.resource = url.url
inner join dump.l_release_url on url.id = l_release_url.entity1
inner join dump.release on l_release_url.entity0 = release.id
where work_resources.album_id in (select album_id from dump_albums);

-- release groups whose credit may be another than an album's: than any one's, or (compilations) than a collection's
create or replace temp table dump_collective as
select
    release_group.id,
    release_group.name as title,
    coalesce(dump_credits.is_various, false) or coalesce(types.is_soundtrack, false) as is_anybodys
from dump.release_group
left join dump_credits using (artist_credit)
left join (
    select
        release_group,
        bool_or(release_group_secondary_type.name = 'Soundtrack') as is_soundtrack,
        bool_or(release_group_secondary_type.name = 'Compilation') as is_compilation
    from dump.release_group_secondary_type_join
    inner join dump.release_group_secondary_type on secondary_type = release_group_secondary_type.id
    group by 1
) as types on release_group.id = types.release_group
where dump_credits.is_various or types.is_soundtrack or types.is_compilation;

create or replace temp table dump_pairs as
with

by_words as (

    select dump_album_keys.album_id, release_group.id, count(*) as shared, min(len(release_group.name)) as length
    from dump.release_group
    inner join dump_credit_words using (artist_credit)
    inner join dump_title_words on release_group.name = dump_title_words.title
    inner join dump_album_keys
        on dump_credit_words.artist_word = dump_album_keys.artist_word
        and dump_title_words.word = dump_album_keys.word
    where dump_title_words.is_rarest or dump_album_keys.is_rarest
    group by 1, 2

),

-- one condition a join: an "or" between two would compare every album with every title
titled_albums as (

    select album_id, dump_titles.title, artist_words, is_collective or is_soundtrack as is_anybodys
    from dump_albums
    inner join dump_titles using (folded_title)
    union
    select album_id, dump_titles.title, artist_words, is_collective or is_soundtrack
    from dump_albums
    inner join dump_titles on dump_albums.folded_title = dump_titles.folded_main_title

),

by_title as (

    select album_id, release_group.id
    from titled_albums
    inner join dump.release_group on titled_albums.title = release_group.name
    where len(artist_words) = 0
    union
    select album_id, id
    from titled_albums
    inner join dump_collective on titled_albums.title = dump_collective.title
    where dump_collective.is_anybodys or titled_albums.is_anybodys

),

-- What shares most words of artist and title in the shortest title: among three million release groups there are hundreds that
-- share some. A title alone has places of its own.
ranked as (

    select album_id, id, row_number() over (partition by album_id order by shared desc, length, id) as place
    from by_words
    union all
    select album_id, id, row_number() over (partition by album_id order by id)
    from by_title

)

select distinct album_id, id from ranked where place <= 25
union
select album_id, release_group from dump_links;

create or replace temp table dump_groups as
select release_group.* from dump.release_group where id in (select id from dump_pairs);

-- ------------------------------------------------------------------ the answers; those of release groups: musicbrainz_dump_part.sql
create or replace temp table dump_artists as
select
    artist.id,
    artist.gid,
    artist.name,
    artist.sort_name,
    artist.comment,
    artist_type.name as type,
    coalesce(known.aliases, []) as aliases
from dump.artist
left join dump.artist_type on artist.type = artist_type.id
left join (
    select artist, list({'name': name, 'sort-name': name} order by name) as aliases from dump.artist_alias group by 1
) as known on artist.id = known.artist;

-- 25 albums an answer, as the web is asked; albums of one artist stand together and share their candidates
create or replace temp table dump_batches as
select
    dump_albums.album_id,
    question_key,
    (row_number() over (order by question_key, dump_albums.album_id) - 1) // 25 as batch
from dump_albums
where album_id in (select album_id from dump_pairs);

insert into musicbrainz.urls
with

addresses as (

    select
        resource,
        list(distinct album_id) as album_ids,
        to_json({
            'resource': resource,
            'relations': list(distinct {
                'target-type': 'release', 'direction': 'backward',
                'release': {'id': dump_links.gid, 'title': dump_links.name, 'release-group': {'id': dump_groups.gid}}
            })
        }) as url
    from dump_links
    inner join dump_groups on dump_links.release_group = dump_groups.id
    group by 1

),

numbered as (

    select *, (row_number() over (order by resource) - 1) // 100 as batch from addresses

)

select
    '/ws/2/url?dump=' || getvariable('dumped_at') || '&batch=' || batch,
    '[' || string_agg(cast(to_json({'question': 'url:' || resource, 'album_id': album_ids[1]}) as varchar), ', '
        order by resource) || ']',
    'https://musicbrainz.org/doc/MusicBrainz_Database/Download',
    200,
    getvariable('dumped_at'),
    getvariable('run_id'),
    '{"urls": [' || string_agg(cast(url as varchar), ', ' order by resource) || ']}'
from numbered
group by batch
order by batch;

-- Names that hold a separator, and their parts (dump_names, from musicbrainz_dump.py): only those that somebody bears.
insert into musicbrainz.artists
with

known as (

    select id, fold_text(name) as folded_name from dump_artists
    union
    select id, fold_text(alias.name) from (select id, unnest(aliases) as alias from dump_artists)

),

borne as (

    select dump_names.name, known.id, dense_rank() over (order by dump_names.name) // 20 as batch
    from dump_names
    inner join known on fold_text(dump_names.name) = known.folded_name

),

asked as (

    select
        batch,
        '[' || string_agg(cast(to_json({'question': 'name:' || name}) as varchar), ', ' order by name) || ']' as asked
    from (select distinct batch, name from borne)
    group by 1

),

found as (

    select
        batch,
        count(*) as artists,
        string_agg(cast(to_json({
            'id': gid, 'type': type, 'score': 100, 'name': name, 'sort-name': sort_name,
            'disambiguation': coalesce(comment, ''), 'aliases': aliases
        }) as varchar), ', ' order by gid) as answers
    from (select distinct batch, id from borne)
    inner join dump_artists using (id)
    group by 1

)

select
    '/ws/2/artist?dump=' || getvariable('dumped_at') || '&batch=' || batch,
    asked,
    'https://musicbrainz.org/doc/MusicBrainz_Database/Download',
    200,
    getvariable('dumped_at'),
    getvariable('run_id'),
    '{"count": ' || artists || ', "offset": 0, "artists": [' || answers || ']}'
from asked inner join found using (batch)
order by batch;

-- An editor's choice for a release group, else the first front picture of its earliest release; no row where none is
-- known: a dump may be older than a picture, and the web knows better.
insert into cover_art_archive.front_covers
with

dated as (

    select release, date_year, date_month, date_day from dump.release_country
    union all
    select release, date_year, date_month, date_day from dump.release_unknown_country

),

earliest as (

    select
        release as id,
        min(coalesce(lpad(date_year, 4, '0'), '9999') || coalesce(lpad(date_month, 2, '0'), '99')
            || coalesce(lpad(date_day, 2, '0'), '99')) as date
    from dated
    where release in (select id from dump.release where release_group in (select id from dump_groups))
    group by 1

),

fronts as (

    select
        release.release_group as id,
        release.gid as release_id,
        cover_art.id as image_id,
        row_number() over (
            partition by release.release_group
            order by
                release_group_cover_art.release is not null desc, earliest.date, cast(release.id as bigint),
                cast(cover_art.ordering as integer), cast(cover_art.id as bigint)
        ) as place
    from dump."cover_art_archive.cover_art" as cover_art
    inner join dump."cover_art_archive.cover_art_type" as cover_art_type on cover_art.id = cover_art_type.id
    inner join dump."cover_art_archive.art_type" as art_type on cover_art_type.type_id = art_type.id
    inner join dump.release on cover_art.release = release.id
    left join earliest on release.id = earliest.id
    left join dump."cover_art_archive.release_group_cover_art" as release_group_cover_art
        on release.release_group = release_group_cover_art.release_group and release.id = release_group_cover_art.release
    where art_type.name = 'Front' and release.release_group in (select id from dump_groups)

)

select
    '/release-group/' || dump_groups.gid || '/front-500',
    cast(to_json(list({'question': 'release_group:' || dump_groups.gid, 'album_id': dump_pairs.album_id}
        order by dump_pairs.album_id)) as varchar),
    'https://coverartarchive.org/release-group/' || dump_groups.gid || '/front-500',
    307,
    getvariable('dumped_at'),
    getvariable('run_id'),
    cast(to_json({
        'location': 'https://archive.org/download/mbid-' || release_id || '/mbid-' || release_id || '-' || image_id
            || '_thumb500.jpg',
        'release_group': dump_groups.gid
    }) as varchar)
from fronts
inner join dump_groups on fronts.id = dump_groups.id
inner join dump_pairs on fronts.id = dump_pairs.id
where place = 1
group by dump_groups.gid, release_id, image_id
order by dump_groups.gid;
