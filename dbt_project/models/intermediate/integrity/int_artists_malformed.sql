with artists as (

    select * from {{ ref('stg_library__artists') }}

),

judged as (

    select * from {{ ref('int_artist_credits_judged') }}

),

linked as (

    select distinct artist_id
    from {{ ref('int_album_artists_linked') }}

),

-- a joined name that no album is by any more is the row that a split left
malformed as (

    select
        artists.artist_id,
        artists.name,
        case
            when {{ is_blank('artists.name') }} then 'the name is empty'
            when {{ matches_pattern('artists.name', '[\\x00-\\x1f\\x7f]') }}
                then 'the name holds control characters'
            when artists.name <> {{ trimmed('artists.name') }}
                then 'the name begins or ends with a blank'
            when judged.verdict = 'split' and linked.artist_id is not null
                then 'the name joins several acts'
        end as fault
    from artists
    left join judged
        on artists.artist_id = judged.artist_id
    left join linked
        on artists.artist_id = linked.artist_id

)

select *
from malformed
where fault is not null
