{{ config(materialized='table') }}

-- Where in a name a known act of one part or of several begins, and where one ends.

with asked as (

    select distinct {{ fold_text('name') }} as folded_name
    from {{ ref('stg_musicbrainz__artist_questions') }}

),

artists as (

    select
        artists.artist_id,
        asked.folded_name is not null as is_asked
    from {{ ref('stg_library__artists') }} as artists
    left join asked
        on {{ fold_text('artists.name') }} = asked.folded_name

),

-- what MusicBrainz knows of the parts counts only once the whole was asked for
known as (

    select spans.*
    from {{ ref('int_credit_spans_known') }} as spans
    inner join artists
        on spans.artist_id = artists.artist_id
    where spans.evidence <> 'musicbrainz' or artists.is_asked

),

ending as (

    select artist_id, last_atom, min(precedence) as precedence
    from known
    group by 1, 2

),

beginning as (

    select artist_id, first_atom, min(precedence) as precedence
    from known
    group by 1, 2

)

select
    coalesce(ending.artist_id, beginning.artist_id) as artist_id,
    coalesce(ending.last_atom, beginning.first_atom) as atom_position,
    ending.precedence is not null as ends_known_act,
    beginning.precedence is not null as begins_known_act,
    coalesce(ending.precedence = 1, false) as ends_act_of_musicbrainz,
    coalesce(beginning.precedence = 1, false) as begins_act_of_musicbrainz
from ending
full outer join beginning
    on
        ending.artist_id = beginning.artist_id
        and ending.last_atom = beginning.first_atom
