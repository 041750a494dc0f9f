-- What each source has answered, and what is therefore due tonight: run by worklist.py on a cursor of its own.
-- Recall only: every plausible candidate counts, and which one is right is decided in dbt_project/.
-- Needs the temporary macro fold_text, and the settings as session variables.

create or replace temp macro without_brackets(title) as
    regexp_replace(regexp_replace(title, '[(\[][^()\[\]]*[)\]]', ' ', 'g'), '[(\[][^()\[\]]*[)\]]', ' ', 'g');

create or replace temp macro without_edition(title) as
    regexp_replace(
        title,
        '(?i)(\s*[:/]\s+|\s+[-–—]\s+)[^:/–—]*\b(remaster(ed|isée?)?|deluxe|[eé]dition|expanded|anniversary|bonus|mono|stereo|version|mix|ep|single|live|ost|soundtrack|score|bof?)\b[^:/–—]*$',
        ''
    );

create or replace temp macro without_soundtrack(title) as
    regexp_replace(
        title,
        '(?i)[\s:,/–-]+(the )?(original )?((motion|picture|television|tv|game|movie|film|series|netflix|cast|music|from) )*(sound ?track|score|ost|bande originale|banda sonora)( album| recording)?\s*$',
        ''
    );

-- 120 characters hold every real title, and a phrase is found inside a longer one
create or replace temp macro cut_at_word(name) as
    coalesce(nullif(regexp_extract(left(trim(name), 400), '^(.{0,120})(\s|$)', 1), ''), left(trim(name), 120));

create or replace temp macro main_title(title) as
    coalesce(
        nullif(regexp_replace(
            cut_at_word(without_soundtrack(without_edition(trim(without_brackets(left(title, 400)))))),
            '[\s:,/–-]+$', ''
        ), ''),
        cut_at_word(title)
    );

create or replace temp macro first_act(name) as
    coalesce(
        nullif(trim(regexp_extract(
            name, '(?i)^(.+?)(\s*[,;/|]\s|\s+(&|\+|and|et|und|feat\.?|ft\.?|featuring|with|vs\.?)\s)', 1
        )), ''),
        name
    );

create or replace temp macro holds_separator(name) as
    regexp_matches(name, '(?i)\S\s*([,;|]|\s[/+&]\s)\s*\S|\S[/&]\S|\s(and|et|und|y|x|e|feat\.?|ft\.?|featuring|with|vs\.?)\s');

-- "Vol. 4" is "Volume 4", and "Pt. 2" is "Part 2": the number tells, its word does not
create or replace temp macro words_of(text) as
    list_filter(string_split(text, ' '), lambda word: word not in (
        '', 'the', 'and', 'of', 'a', 'le', 'la', 'les', 'et',
        'vol', 'vols', 'volume', 'volumes', 'pt', 'pts', 'part', 'parts', 'partie', 'teil', 'tome'
    ));

create or replace temp macro telling_words(text) as
    case when len(words_of(text)) = 0 then string_split(text, ' ') else words_of(text) end;

-- One row per album that has a hole which asking could fill, and that may be asked for at all.
create or replace temp table work_albums as
with

credits as (

    select
        album_artist.album_id,
        list(artists.name order by try_cast(artists.id as hugeint)) as names
    from library.album_artist
    inner join library.artists on album_artist.artist_id = artists.id
    where trim(coalesce(artists.name, '')) <> ''
    group by 1

),

named as (

    select
        albums.id as album_id,
        albums.title,
        main_title(albums.title) as main_title,
        coalesce(credits.names, []) as names,
        regexp_matches(left(albums.title, 2000), '(?i)sound ?track|\bost\b|\bscore\b|motion picture|\bfilm\b|\bmovie\b|music(al|als)?\b.*\bfrom\b|inspir(ed by|ée)|bande originale|banda sonora|colonna sonora')
            as is_soundtrack,
        nullif(trim(albums.discogs_id), '') as discogs_id,
        coalesce(
            regexp_extract(albums.discogs_id, '^\s*(\d{1,12})\s*$', 1),
            ''
        ) as discogs_number,
        regexp_extract(coalesce(albums.discogs_url, ''), 'discogs\.com/(?:[a-z-]+/)?release/(\d{1,12})', 1) as discogs_url_number,
        regexp_extract(
            coalesce(albums.spotify_url, ''), '(?:open\.spotify\.com/(?:intl-[a-z]+/)?album/|spotify:album:)([0-9A-Za-z]{22})', 1
        ) as spotify_code,
        albums.year,
        albums.genre
    from library.albums
    left join credits on albums.id = credits.album_id
    where try_cast(albums.id as bigint) is not null
        and trim(coalesce(albums.title, '')) <> ''

),

read as (

    select
        *,
        list_transform(names, lambda name: fold_text(left(name, 300))) as folded_names,
        coalesce(nullif(discogs_number, ''), discogs_url_number) as release_discogs_id
    from named

),

judged as (

    select
        *,
        len(names) = 0 or len(names) > 3 or list_has_any(
            folded_names,
            ['various artists', 'various', 'va', 'v a', 'artistes divers', 'divers', 'verschiedene', 'varios artistas',
                'artisti vari', 'soundtrack', 'original soundtrack', 'multi interpretes']
        ) as is_collective
    from read

),

holes as (

    select
        judged.*,
        list_filter([
            case when getvariable('wants_images')
                and not exists (select 1 from library.images where images.album_id = judged.album_id) then 'image' end,
            case when getvariable('wants_images') and judged.album_id in (
                select cast(applied_changes.album_id as varchar)
                from sillon.applied_changes
                where applied_changes.target = 'in_place'
                    and applied_changes.state = 'applied'
                    and applied_changes.table_name = 'images'
                    and applied_changes.source in ('discogs', 'spotify')
                group by 1
                having max(applied_changes.fetched_at) < getvariable('covers_before')
            ) then 'old_image' end,
            case when getvariable('wants_genres') and trim(coalesce(genre, '')) = '' then 'genre' end,
            case when getvariable('wants_years') and coalesce(try_cast(year as integer), 0) <= 0 then 'year' end,
            case when getvariable('wants_artists')
                and len(list_filter(names, lambda name: holds_separator(left(name, 300)))) > 0 then 'artists' end
        ], lambda hole: hole is not null) as holes
    from judged

)

select
    album_id,
    title,
    main_title,
    list_transform(names[:3], lambda name: cut_at_word(name)) as artists,
    first_act(left(names[1], 120)) as first_artist,
    is_collective,
    is_soundtrack,
    holes,
    fold_text(main_title) as folded_title,
    telling_words(fold_text(main_title)) as title_words,
    list_distinct(flatten(list_transform(folded_names, lambda name: telling_words(name)))) as artist_words,
    case when is_collective then 'various artists' else fold_text(left(array_to_string(names[:3], ', '), 400)) end
        || '|' || fold_text(main_title) as question_key,
    regexp_matches(main_title, '[\p{L}\p{N}]') and len(names) > 0
        and regexp_matches(left(array_to_string(names[:3], ' '), 400), '[\p{L}\p{N}]') as is_batchable,
    nullif(release_discogs_id, '') as release_discogs_id,
    case when spotify_code <> '' then 'https://open.spotify.com/album/' || spotify_code end as spotify_resource,
    case when release_discogs_id <> '' then 'https://www.discogs.com/release/' || release_discogs_id end as discogs_resource
from holes
where len(holes) > 0
    and album_id not in (
        select cast(decisions.album_id as varchar)
        from sillon.decisions
        where decisions.decision = 'lock' and decisions.field = '*' and decisions.album_id is not null
    );

create or replace temp table work_resources as
select album_id, spotify_resource as resource from work_albums where spotify_resource is not null
union all
select album_id, discogs_resource from work_albums where discogs_resource is not null;

create or replace temp macro is_stale(fetched_at, is_found) as
    fetched_at is null
    or fetched_at < case when is_found then getvariable('answered_before') else getvariable('nothing_found_before') end;
