{{ config(materialized='keyed', sides=[
    {'key': 'release_group_musicbrainz_id', 'inputs': {
        'stg_musicbrainz__release_groups': 'release_group_musicbrainz_id',
        'int_titles_parsed': {'key': 'release_group_musicbrainz_id', 'through': 'stg_musicbrainz__release_groups', 'on': 'title'},
        'int_artist_names_keyed': {'key': 'release_group_musicbrainz_id', 'through': 'stg_musicbrainz__release_groups', 'on': ['artist_credit', 'name']},
    }},
]) }}

with release_groups as (

    select * from {{ ref('stg_musicbrainz__release_groups') }}

),

titles as (

    select * from {{ ref('int_titles_parsed') }}

),

names as (

    select * from {{ ref('int_artist_names_keyed') }}

)

select
    release_groups.release_group_musicbrainz_id,
    release_groups.title,
    release_groups.artist_credit,
    release_groups.primary_type,
    release_groups.secondary_types,
    release_groups.first_release_date,
    release_groups.disambiguation,
    release_groups.fetched_at,
    {{ year_of('release_groups.first_release_date') }} as first_year,
    titles.folded_title,
    titles.folded_main_title,
    titles.core,
    titles.core_key,
    titles.subtitle,
    titles.sorted_words,
    titles.numbers,
    titles.other_work_words,
    titles.year_hint,
    titles.is_cut,
    {{ fold_text('release_groups.disambiguation') }} as folded_disambiguation,
    names.artist_key,
    names.lead_key,
    names.artist_words,
    coalesce(names.is_various, false) as is_various,
    coalesce(names.is_imitation, false) as is_imitation,
    lower(coalesce(release_groups.secondary_types, '')) as types_folded,
    coalesce({{ matches_pattern("lower(release_groups.secondary_types)", 'soundtrack') }}, false)
        or coalesce(titles.is_soundtrack, false) as is_soundtrack
from release_groups
inner join titles
    on release_groups.title = titles.title
left join names
    on release_groups.artist_credit = names.name
