{{ config(materialized='table') }}

with answers as (

    select
        request_key,
        fetched_at,
        {{ json_or_null('payload') }} as payload
    from {{ source('musicbrainz', 'urls') }}
    where status = 200
        and payload is not null

),

-- a request for one address is answered by the object itself, one for several by a list
urls as (

    {{ unnest_rows(
        'answers',
        json_rows_or_self('payload', '$.urls'),
        ['request_key', 'fetched_at'],
    ) }}

),

newest as (

    select
        *,
        {{ json_text('item', '$.resource') }} as resource,
        row_number() over (
            partition by {{ json_text('item', '$.resource') }}
            order by fetched_at desc, request_key, position
        ) as newest_first
    from urls

),

relations as (

    {{ unnest_rows(
        '(select resource, fetched_at, item as url from newest where newest_first = 1) as kept',
        json_rows('url', '$.relations'),
        ['resource', 'fetched_at'],
    ) }}

),

renamed as (

    select
        ---------- text
        resource,
        {{ json_text('item', '$.type') }} as relation_type,

        ---------- ids
        lower({{ json_text('item', '$.release.id') }}) as release_musicbrainz_id,
        lower(coalesce(
            {{ json_text('item', '$.release_group.id') }},
            {{ json_text('item', '$."release-group".id') }},
            {{ json_text('item', '$.release."release-group".id') }}
        )) as release_group_musicbrainz_id,

        ---------- timestamps
        fetched_at
    from relations
    where resource is not null

)

select distinct * from renamed
where release_musicbrainz_id is not null
    or release_group_musicbrainz_id is not null
