{{ config(materialized='table') }}

with musicbrainz as (

    select name as act_name from {{ ref('stg_musicbrainz__artists') }}
    union
    select alias as act_name from {{ ref('stg_musicbrainz__artist_aliases') }}
    union
    select name as act_name from {{ ref('stg_musicbrainz__release_group_credits') }}

),

discogs as (

    select name as act_name from {{ ref('stg_discogs__release_artists') }}

),

-- a name without any separator stands for itself
library as (

    select artists.name as act_name
    from {{ ref('stg_library__artists') }} as artists
    inner join {{ ref('int_credit_atoms') }} as atoms
        on artists.artist_id = atoms.artist_id
    where atoms.atom_count = 1

),

gathered as (

    select act_name, 'musicbrainz' as evidence, 1 as precedence from musicbrainz
    union all
    select act_name, 'discogs' as evidence, 2 as precedence from discogs
    union all
    select act_name, 'library' as evidence, 3 as precedence from library
    union all
    select act_name, 'kept_whole' as evidence, 4 as precedence
    from {{ ref('acts_kept_whole') }}
    union all
    select act_name, 'known' as evidence, 5 as precedence from {{ ref('acts_known') }}

),

folded as (

    select
        {{ act_key('act_name') }} as act_key,
        evidence,
        precedence,
        act_name
    from gathered
    where not {{ is_blank('act_name') }}

)

select
    act_key,
    evidence,
    precedence,
    min(act_name) as act_name
from folded
group by 1, 2, 3
