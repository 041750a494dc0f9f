-- The release groups that a dump holds for some of the batches, as answers: run by musicbrainz_dump.py for one part after the
-- other, on the tables of musicbrainz_dump.sql and the session variables first_batch and end_batch. Those of a million albums
-- are some gigabytes of JSON, and an aggregate of texts has to fit into memory.

create or replace temp table part_batches as
select * from dump_batches where batch >= getvariable('first_batch') and batch < getvariable('end_batch');

create or replace temp table part_pairs as
select distinct batch, id from part_batches inner join dump_pairs using (album_id);

create or replace temp table part_groups as
select * from dump_groups where id in (select id from part_pairs);

create or replace temp table part_answers as
with

credits as (

    select
        artist_credit_name.artist_credit,
        list({
            'name': artist_credit_name.name, 'joinphrase': coalesce(join_phrase, ''),
            'artist': {
                'id': dump_artists.gid, 'name': dump_artists.name, 'sort-name': sort_name,
                'disambiguation': coalesce(comment, ''), 'aliases': aliases
            }
        } order by cast(position as integer)) as credit
    from dump.artist_credit_name
    inner join dump_artists on artist_credit_name.artist = dump_artists.id
    where artist_credit in (select artist_credit from part_groups)
    group by 1

),

issues as (

    select
        release.release_group as id,
        list({'id': release.gid, 'title': release.name, 'status': release_status.name} order by cast(release.id as bigint))
            as releases
    from dump.release
    left join dump.release_status on release.status = release_status.id
    where release.release_group in (select id from part_groups)
    group by 1

),

secondary as (

    select release_group as id, list(release_group_secondary_type.name order by release_group_secondary_type.name) as types
    from dump.release_group_secondary_type_join
    inner join dump.release_group_secondary_type on secondary_type = release_group_secondary_type.id
    where release_group in (select id from part_groups)
    group by 1

),

tagged as (

    select
        release_group as id,
        list({'count': cast(release_group_tag.count as integer), 'name': tag.name} order by tag.name) as tags
    from dump.release_group_tag
    inner join dump.tag on release_group_tag.tag = tag.id
    where release_group in (select id from part_groups) and cast(release_group_tag.count as integer) > 0
    group by 1

)

select
    part_groups.id,
    part_groups.gid,
    cast(to_json({
        'id': part_groups.gid,
        'score': 100,
        'count': coalesce(try_cast(release_group_meta.release_count as integer), len(issues.releases), 0),
        'title': part_groups.name,
        'primary-type': release_group_primary_type.name,
        'secondary-types': coalesce(secondary.types, []),
        'first-release-date': coalesce(
            lpad(first_release_date_year, 4, '0') || coalesce('-' || lpad(first_release_date_month, 2, '0')
                || coalesce('-' || lpad(first_release_date_day, 2, '0'), ''), ''),
            ''
        ),
        'disambiguation': coalesce(part_groups.comment, ''),
        'artist-credit': credits.credit,
        'releases': coalesce(issues.releases, []),
        'tags': coalesce(tagged.tags, [])
    }) as varchar) as answer
from part_groups
inner join credits using (artist_credit)
left join issues on part_groups.id = issues.id
left join secondary on part_groups.id = secondary.id
left join tagged on part_groups.id = tagged.id
left join dump.release_group_meta on part_groups.id = release_group_meta.id
left join dump.release_group_primary_type on part_groups.type = release_group_primary_type.id;

insert into musicbrainz.release_groups
with

questions as (

    select batch, 'pair:' || question_key as question, album_id from part_batches
    union
    select batch, 'reid:' || gid, album_id from part_batches inner join dump_links using (album_id)

),

asked as (

    select
        batch,
        '[' || string_agg(
            cast(to_json({'question': question, 'album_id': album_id}) as varchar), ', ' order by question, album_id
        ) || ']' as asked
    from questions
    group by 1

),

found as (

    select batch, count(*) as groups, string_agg(answer, ', ' order by gid) as answers
    from part_pairs
    inner join part_answers using (id)
    group by 1

)

select
    '/ws/2/release-group?dump=' || getvariable('dumped_at') || '&batch=' || batch,
    asked,
    'https://musicbrainz.org/doc/MusicBrainz_Database/Download',
    200,
    getvariable('dumped_at'),
    getvariable('run_id'),
    '{"count": ' || groups || ', "offset": 0, "release-groups": [' || answers || ']}'
from asked inner join found using (batch)
order by batch;
