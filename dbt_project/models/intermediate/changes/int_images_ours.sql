with applied_changes as (

    select * from {{ ref('stg_sillon__applied_changes') }}

),

images as (

    select * from {{ ref('stg_library__images') }}

),

-- an inserted row is known by the id that it got, which row_after holds
written as (

    select
        album_id,
        coalesce(
            try_cast({{ json_text(json_or_null('row_key'), '$.id') }} as bigint),
            try_cast({{ json_text(json_or_null('row_after'), '$.id') }} as bigint)
        ) as image_id,
        new_value as url,
        source,
        rule,
        evidence_url,
        applied_at,
        entry_id
    from applied_changes
    where
        target = 'in_place'
        and state = 'applied'
        and table_name = 'images'

),

paired as (

    select
        images.image_id,
        images.album_id,
        images.url as live_url,
        written.url,
        written.source,
        written.rule,
        written.evidence_url,
        written.applied_at,
        row_number() over (
            partition by images.image_id
            order by written.applied_at desc, written.entry_id desc
        ) as newness
    from images
    inner join written
        on
            images.image_id = written.image_id
            or (
                written.image_id is null
                and images.album_id = written.album_id
            )
    where images.image_type = 'album' and images.album_id is not null

),

ours as (

    select
        image_id,
        album_id,
        url,
        source,
        rule,
        evidence_url,
        applied_at
    from paired
    where newness = 1 and url = live_url

)

select * from ours
