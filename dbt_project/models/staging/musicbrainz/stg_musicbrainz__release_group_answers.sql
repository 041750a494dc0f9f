{{ config(materialized='keyed', sides=[{'key': 'release_group_musicbrainz_id', 'inputs': {
    'stg_musicbrainz__release_group_items': 'release_group_musicbrainz_id',
}}]) }}

with items as (

    select * from {{ ref('stg_musicbrainz__release_group_items') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by release_group_musicbrainz_id
            order by has_credit desc, fetched_at desc, request_key, position
        ) as newest_first
    from items
    where release_group_musicbrainz_id is not null

),

newest as (

    select
        ---------- ids
        release_group_musicbrainz_id,

        ---------- text
        release_group,

        ---------- timestamps
        fetched_at
    from ranked
    where newest_first = 1

)

select * from newest
