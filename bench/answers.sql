-- What the sources would have answered about the library of `libraries.sql`, into the raw tables, batched as they are asked.

create temp table group_answers as
select
    work_id,
    id,
    cast(to_json({
        'id': id, 'score': 100 - 10 * kind, 'count': 2, 'title': title, 'primary-type': 'Album',
        'secondary-types': case when kind = 2 then ['Live'] when title like '%Soundtrack)' then ['Soundtrack'] else [] end,
        'first-release-date': cast(year as varchar) || '-05-01',
        'artist-credit': list_filter([
            {
                'name': act, 'joinphrase': case when second_act is null then '' else ' & ' end,
                'artist': {'id': cast(cast(md5('act ' || act_id) as uuid) as varchar), 'name': act, 'sort-name': act}
            },
            {
                'name': second_act, 'joinphrase': '',
                'artist': {
                    'id': cast(cast(md5('act ' || second_act_id) as uuid) as varchar), 'name': second_act,
                    'sort-name': second_act
                }
            }
        ], lambda credit: credit.name is not null),
        'releases': [
            {'id': cast(cast(md5('first ' || id) as uuid) as varchar), 'title': title, 'status': 'Official'},
            {'id': cast(cast(md5('second ' || id) as uuid) as varchar), 'title': title, 'status': 'Official'}
        ],
        'tags': [{'count': 12, 'name': tag}, {'count': 2, 'name': 'seen live'}]
    }) as varchar) as answer
from groups;

insert into musicbrainz.release_groups
with asked as (

    select
        album_id // 25 as batch,
        '[' || string_agg(cast(to_json({
            'question': 'pair:' || lower(act) || '|' || lower(work_title), 'album_id': cast(album_id as varchar)
        }) as varchar), ', ' order by album_id) || ']' as asked
    from albums_made
    group by 1

),

found as (

    select
        work_id // 25 as batch,
        '{"created": "2026-01-01T00:00:00.000Z", "count": ' || count(*) || ', "offset": 0, "release-groups": ['
            || string_agg(answer, ', ' order by id) || ']}' as payload
    from group_answers
    group by 1

)

select
    '/ws/2/release-group?query=batch+' || batch, asked, 'https://musicbrainz.org/ws/2/release-group?query=batch+' || batch,
    200, timestamp '2026-01-01 00:00:00', 'bench', payload
from asked inner join found using (batch);

drop table group_answers;

insert into musicbrainz.urls
select
    '/ws/2/url?batch=' || album_id // 400,
    '[' || string_agg(cast(to_json({'question': 'url:' || spotify_url, 'album_id': cast(album_id as varchar)}) as varchar), ', '
        order by album_id) || ']',
    'https://musicbrainz.org/ws/2/url?batch=' || album_id // 400, 200, timestamp '2026-01-01 00:00:00', 'bench',
    '{"urls": [' || string_agg(case when album_id % 8 = 0 then cast(to_json({
        'resource': spotify_url,
        'relations': [{'type': 'free streaming', 'target-type': 'release', 'release': {
            'id': cast(cast(md5('first ' || groups.id) as uuid) as varchar), 'title': albums_made.title
        }}]
    }) as varchar) end, ', ' order by album_id) || ']}'
from albums_made
inner join groups on albums_made.work_id = groups.work_id and groups.kind = 1
where spotify_url is not null
group by album_id // 400;

insert into musicbrainz.artists
with names as (

    select distinct unnest([joined, act, second_act]) as name, act_id, second_act_id, act, second_act, album_id
    from credits
    where is_joined

)

select
    '/ws/2/artist?batch=' || album_id // 150,
    '[' || array_to_string(list_sort(list(distinct cast(to_json({
        'question': 'name:' || name, 'album_id': cast(album_id as varchar)
    }) as varchar))), ', ') || ']',
    'https://musicbrainz.org/ws/2/artist?batch=' || album_id // 150, 200, timestamp '2026-01-01 00:00:00', 'bench',
    '{"count": 40, "offset": 0, "artists": [' || array_to_string(list_sort(list(distinct cast(to_json({
        'id': cast(cast(md5('act ' || case when name = second_act then second_act_id else act_id end) as uuid) as varchar),
        'type': 'Group', 'score': 100, 'name': name, 'sort-name': name,
        'aliases': [{'name': name || ' Band', 'sort-name': name || ' Band'}]
    }) as varchar)) filter (where name in (act, second_act))), ', ') || ']}'
from names
group by album_id // 150;

insert into listenbrainz.release_groups
with asked as (

    select
        work_id // 100 as batch,
        '[' || string_agg(cast(to_json({'question': 'release_group:' || id, 'album_id': cast(work_id as varchar)}) as varchar), ', '
            order by work_id) || ']' as asked,
        '{' || string_agg('"' || id || '": ' || cast(to_json({
            'release_group': {
                'name': title, 'date': cast(year as varchar), 'type': 'Album', 'rels': [],
                'caa_id': case when work_id % 5 > 0 then 10000000000 + work_id end,
                'caa_release_mbid': case when work_id % 5 > 0 then cast(cast(md5('first ' || id) as uuid) as varchar) end
            },
            'artist': {'name': act, 'artists': [{
                'artist_mbid': cast(cast(md5('act ' || act_id) as uuid) as varchar), 'name': act, 'join_phrase': ''
            }]},
            'tag': {
                'release_group': [
                    {'tag': tag, 'count': 9, 'genre_mbid': cast(cast(md5('genre ' || tag) as uuid) as varchar)},
                    {'tag': 'favourites', 'count': 1, 'genre_mbid': null}
                ],
                'artist': [{'tag': tag, 'count': 30, 'genre_mbid': cast(cast(md5('genre ' || tag) as uuid) as varchar)}]
            }
        }) as varchar), ', ' order by work_id) || '}' as payload
    from groups
    where kind = 1
    group by 1

)

select
    '/1/metadata/release_group/?batch=' || batch, asked, 'https://api.listenbrainz.org/1/metadata/release_group/?batch=' || batch,
    200, timestamp '2026-01-01 00:00:00', 'bench', payload
from asked;

insert into cover_art_archive.front_covers
select
    '/release-group/' || id || '/front-500',
    cast(to_json([{'question': 'release_group:' || id, 'album_id': cast(work_id as varchar)}]) as varchar),
    'https://coverartarchive.org/release-group/' || id || '/front-500',
    case when work_id % 10 = 0 then 307 else 404 end, timestamp '2026-01-01 00:00:00', 'bench',
    case when work_id % 10 = 0 then cast(to_json({
        'location': 'https://archive.org/download/mbid-' || id || '/mbid-' || id || '-' || work_id || '_thumb500.jpg',
        'release_group': id
    }) as varchar) end
from groups
where kind = 1 and work_id % 5 = 0;

insert into discogs.releases
select
    '/releases/' || discogs_id,
    cast(to_json([{'question': 'release:' || discogs_id, 'album_id': cast(album_id as varchar)}]) as varchar),
    'https://api.discogs.com/releases/' || discogs_id, 200, timestamp '2026-01-01 00:00:00', 'bench',
    cast(to_json({
        'id': 1000000 + album_id, 'year': work_year, 'uri': 'https://www.discogs.com/release/' || discogs_id,
        'artists': [{'name': act, 'anv': '', 'join': '', 'id': act_id}], 'title': title, 'country': 'Europe',
        'genres': [['Rock', 'Jazz', 'Electronic'][1 + act_id % 3]], 'styles': ['Ambient'],
        'images': [{'type': 'primary', 'uri': 'https://i.discogs.com/R-' || discogs_id || '.jpeg'}]
    }) as varchar)
from albums_made
where discogs_id is not null;

insert into spotify.albums
select
    '/v1/search?type=album&q=' || album_id,
    cast(to_json([{'question': 'album:' || lower(act) || '|' || lower(title), 'album_id': cast(album_id as varchar)}]) as varchar),
    'https://api.spotify.com/v1/search?type=album&q=' || album_id, 200, timestamp '2026-01-01 00:00:00', 'bench',
    cast(to_json({'albums': {'total': 1, 'items': [{
        'album_type': 'album', 'total_tracks': 10, 'id': left(md5('s' || album_id), 22), 'name': title,
        'artists': [{'id': left(md5('a' || act_id), 22), 'name': act, 'type': 'artist'}],
        'external_urls': {'spotify': 'https://open.spotify.com/album/' || left(md5('s' || album_id), 22)},
        'images': [{'url': 'https://i.scdn.co/image/' || md5('i' || album_id), 'height': 640, 'width': 640}],
        'release_date': cast(work_year as varchar), 'release_date_precision': 'year'
    }]}}) as varchar)
from albums_made
where album_id % 50 = 3;
