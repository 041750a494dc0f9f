-- Long for its imports: seven things are known of a cover, and the verdict is in the next model.

with albums as (

    select * from {{ ref('stg_library__albums') }}

),

pictured as (

    select distinct album_id
    from {{ ref('stg_library__images') }}
    where album_id is not null

),

ours as (

    select * from {{ ref('int_images_ours') }}

),

chosen as (

    select * from {{ ref('int_album_covers_chosen') }}

),

offered as (

    select distinct album_id, evidence_url
    from {{ ref('int_album_covers_offered') }}

),

judged as (

    select * from {{ ref('int_album_evidence_judged') }}

),

settings as (

    select * from {{ ref('int_settings_resolved') }}

),

free as (

    select *
    from {{ ref('int_album_fields_free') }}
    where field = 'image'

),

gathered as (

    select
        albums.album_id,
        albums.title,
        ours.image_id,
        ours.url as live_url,
        chosen.image_url as chosen_url,
        coalesce(chosen.source, ours.source) as source,
        coalesce(chosen.rule, ours.rule) as rule,
        coalesce(chosen.evidence_url, ours.evidence_url) as evidence_url,
        chosen.confidence,
        chosen.fetched_at,
        chosen.runner_up,
        free.is_free,
        pictured.album_id is not null as has_image,
        ours.image_id is not null as is_ours,
        judged.album_id is not null as is_judged,
        -- the same page still offers a cover: only its address is another
        offered.album_id is not null as is_still_offered,
        coalesce(
            cast(ours.applied_at as date) + settings.cover_refresh_days
            <= settings.run_date,
            false
        ) as is_old
    from albums
    cross join settings
    inner join free
        on albums.album_id = free.album_id
    left join pictured
        on albums.album_id = pictured.album_id
    left join ours
        on albums.album_id = ours.album_id
    left join chosen
        on albums.album_id = chosen.album_id
    left join offered
        on
            ours.album_id = offered.album_id
            and ours.evidence_url = offered.evidence_url
    left join judged
        on
            ours.album_id = judged.album_id
            and ours.evidence_url = judged.evidence_url

)

select * from gathered
