-- A library and the release groups around it, from the tables that `libraries.py` drew: draws (one row per album, numbers
-- from 0 to 1), acts and words. Nothing here is drawn; ids and small choices follow from the album's number.

create temp table works as
with titled as (

    select
        draws.album_id,
        draws.act_id,
        acts.name as act,
        cast(1955 + floor(draws.year_draw * 70) as integer) as year,
        case
            when pattern < 0.25 then first.word || ' ' || second.word
            when pattern < 0.42 then 'The ' || first.word || ' ' || second.word
            when pattern < 0.58 then first.word || ' of ' || second.word
            when pattern < 0.72 then first.word
            when pattern < 0.80 then first.word || ' and the ' || second.word
            when pattern < 0.85 then first.word || ' in ' || second.word || ' ' || third.word
            when pattern < 0.90 then acts.name
            when pattern < 0.93 then 'Live at ' || first.word
            when pattern < 0.94 then 'Greatest Hits'
            when pattern < 0.97 then first.word || ' ' || second.word || ', Vol. ' || (1 + draws.album_id % 5)
            else first.word || ' ' || second.word || ' (Original Motion Picture Soundtrack)'
        end as title,
        third.word as third_word
    from draws
    inner join acts on draws.act_id = acts.act_id
    inner join words as first on draws.first_rank = first.rank
    inner join words as second on draws.second_rank = second.rank
    inner join words as third on draws.third_rank = third.rank

)

select
    titled.*,
    draws.edition_draw < 0.08 and draws.album_id > 1 and draws.before_draw >= 0.08 as is_edition,
    case when draws.credit_draw < 0.09 then 1 + (titled.act_id * 7919 + draws.album_id) % (select count(*) from acts) end
        as second_act_id,
    draws.credit_draw < 0.04 as is_joined
from titled
inner join draws on titled.album_id = draws.album_id;

create temp table albums_made as
with own as (

    select works.*, works.album_id - cast(is_edition as integer) as work_id from works

)

select
    own.album_id,
    own.work_id,
    base.act_id,
    base.act,
    case when base.second_act_id <> base.act_id then base.second_act_id end as second_act_id,
    base.is_joined and base.second_act_id <> base.act_id as is_joined,
    base.title as work_title,
    base.third_word,
    base.year as work_year,
    base.title || case
        when not own.is_edition then ''
        when own.album_id % 5 = 0 then ' (2011 Remaster)'
        when own.album_id % 5 = 1 then ' (Deluxe Edition)'
        when own.album_id % 5 = 2 then ' [Remastered]'
        when own.album_id % 5 = 3 then ' - Expanded Edition'
        else ' (40th Anniversary Edition)'
    end as title,
    case when own.album_id % 20 < 11 then base.year + cast(own.album_id % 7 = 0 as integer) end as year,
    case when own.album_id % 10 < 3 then ['Rock', 'Jazz', 'Électronique'][1 + own.album_id % 3] end as genre,
    case when own.album_id % 4 = 0 then 'https://open.spotify.com/album/' || left(md5('s' || own.album_id), 22) end
        as spotify_url,
    case when own.album_id % 10 = 1 then cast(1000000 + own.album_id as varchar) end as discogs_id,
    own.album_id % 9 < 4 as has_cover
from own
inner join works as base on own.work_id = base.album_id;

-- artists: the acts that are heard, then the joined names
create temp table joined_names as
select row_number() over (order by name) + (select count(*) from acts) as artist_id, name
from (
    select distinct act || [' & ', ' feat. ', ', '][cast(1 + album_id % 3 as integer)] || acts.name as name
    from albums_made inner join acts on albums_made.second_act_id = acts.act_id
    where is_joined
) where name not in (select name from acts);

create temp table credits as
select
    albums_made.*,
    acts.name as second_act,
    case when is_joined then act || [' & ', ' feat. ', ', '][cast(1 + album_id % 3 as integer)] || acts.name end as joined
from albums_made
left join acts on albums_made.second_act_id = acts.act_id;

-- four candidates a work: the work, a live record of it, another act's record of that title, another record of the act
create temp table groups as
select
    work_id,
    kind,
    cast(cast(md5('group ' || work_id || ' ' || kind) as uuid) as varchar) as id,
    case kind
        when 2 then work_title || ' (Live)'
        when 4 then third_word || ' ' || work_title
        else work_title
    end as title,
    case when kind = 3 then other.act_id else credits.act_id end as act_id,
    case when kind = 3 then other.name else credits.act end as act,
    case when kind = 1 then credits.second_act_id end as second_act_id,
    case when kind = 1 then credits.second_act end as second_act,
    work_year + [0, 2, 11, 4][kind] as year,
    ['rock', 'jazz', 'electronic', 'folk', 'hip hop', 'soul', 'classical', 'pop', 'techno', 'chanson'][1 + credits.act_id % 10]
        as tag
from (
    -- the number of the other act is a column: a subquery within the condition of a join makes it a nested loop
    select *, 1 + (act_id * 7919 + 13) % (select count(*) from acts) as other_act_id from credits where album_id = work_id
) as credits
cross join (select unnest([1, 2, 3, 4]) as kind)
inner join acts as other on credits.other_act_id = other.act_id;
