with ours as (

    select *
    from {{ ref('int_values_ours') }}
    where column_name = 'image_url'

),

covers as (

    select * from {{ ref('int_album_covers_settled') }}

),

offered as (

    select distinct album_id, evidence_url
    from {{ ref('int_album_covers_offered') }}

),

-- the person put another image beside it, or took the row away: the address
-- in albums.image_url stands as long as its page still offers a cover
believed as (

    select ours.*
    from ours
    inner join offered
        on
            ours.album_id = offered.album_id
            and ours.evidence_url = offered.evidence_url
    left join covers
        on ours.album_id = covers.album_id
    where covers.album_id is null

)

select * from believed
