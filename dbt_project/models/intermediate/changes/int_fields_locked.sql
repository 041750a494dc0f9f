with decisions as (

    select * from {{ ref('stg_sillon__decisions') }}

),

-- an undone or edited value is a decision too, whatever word it came with
locking as (

    select
        album_id,
        case field
            when 'ai_description' then 'description'
            when 'images' then 'image'
            when 'artist' then 'artists'
            when 'album_artist' then 'artists'
            else field
        end as field,
        decided_at
    from decisions
    where
        album_id is not null
        and (decision = 'lock' or origin in ('undo', 'edited'))

),

fields as (

    select 'year' as field
    union all
    select 'genre'
    union all
    select 'description'
    union all
    select 'image'
    union all
    select 'image_url'
    union all
    select 'artists'

),

accepted as (

    select * from {{ ref('int_values_accepted') }}

),

-- a locked image locks its copy in albums.image_url, not the reverse; a value
-- accepted later than the lock lifts it
locked as (

    select distinct
        locking.album_id,
        fields.field
    from locking
    inner join fields
        on
            locking.field = fields.field
            or locking.field = '*'
            or (locking.field = 'image' and fields.field = 'image_url')
    left join accepted
        on
            locking.album_id = accepted.album_id
            and replace(fields.field, 'image_url', 'image') = accepted.field
            and locking.decided_at < accepted.decided_at
    where accepted.album_id is null

)

select * from locked
