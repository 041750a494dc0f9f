with source as (

    select * from {{ source('library', 'albums') }}

),

renamed as (

    select
        ---------- ids
        {{ try_integer('id', 'bigint') }} as album_id,
        discogs_id,

        ---------- text
        title,
        support,
        spotify_url,
        discogs_url,
        source,
        genre,
        image_url,
        ai_description as description,
        ai_style as style,
        year as year_text,

        ---------- numerics
        {{ try_integer('year') }} as year,

        ---------- timestamps, as the app wrote them
        created_at,
        updated_at
    from source

)

select * from renamed
where album_id is not null
