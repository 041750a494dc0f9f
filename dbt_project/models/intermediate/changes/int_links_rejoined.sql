{{ config(materialized='table') }}

-- Long for its reasons: a split is joined again only where the ledger says that it was ours.

with applied_changes as (

    select *
    from {{ ref('stg_sillon__applied_changes') }}
    where
        target = 'in_place'
        and state = 'applied'
        and table_name = 'album_artist'
        and undoes_entry_id is null

),

artists as (

    select * from {{ ref('stg_library__artists') }}

),

linked as (

    select * from {{ ref('int_album_artists_linked') }}

),

kept_whole as (

    select distinct {{ fold_text('artist') }} as folded_name
    from {{ ref('stg_sillon__decisions') }}
    where decision = 'keep_whole' and artist is not null

),

free as (

    select *
    from {{ ref('int_album_fields_free') }}
    where field = 'artists' and is_free

),

-- a split that Sillon made and that the person decided against since
removed as (

    select distinct
        applied_changes.group_id,
        applied_changes.album_id,
        artists.artist_id as joined_artist_id,
        artists.name as joined_name
    from applied_changes
    inner join free
        on applied_changes.album_id = free.album_id
    inner join artists
        on try_cast(applied_changes.old_value as bigint) = artists.artist_id
    inner join kept_whole
        on {{ fold_text('artists.name') }} = kept_whole.folded_name
    where applied_changes.action = 'delete'

),

-- of its acts only the links that the split itself inserted
rejoined as (

    select distinct
        removed.album_id,
        removed.joined_artist_id,
        removed.joined_name,
        linked.artist_id,
        linked.name as act_name,
        {{ hash_text(
            "'rejoin|' || cast(removed.album_id as string) || '|'"
            " || cast(removed.joined_artist_id as string)"
        ) }} as group_id
    from removed
    inner join applied_changes as added
        on
            removed.group_id = added.group_id
            and removed.album_id = added.album_id
            and added.action = 'insert'
    inner join linked
        on
            removed.album_id = linked.album_id
            and {{ json_text(json_or_null('added.row_key'), '$.artist_name') }}
            = linked.name
    left join linked as present
        on
            removed.album_id = present.album_id
            and removed.joined_artist_id = present.artist_id
    where present.artist_id is null

)

select * from rejoined
