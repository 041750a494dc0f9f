-- What Sillon asked about each album, and when it was answered.

with gathered as (

    select * from {{ ref('int_album_questions_gathered') }}

),

album_questions as (

    select
        {{ hash_text("cast(album_id as string) || '|' || source || '|' || question") }}
            as question_id,
        cast(album_id as bigint) as album_id,
        source,
        question,
        cast(status as integer) as status,
        fetched_at as answered_at,
        cast(answers as integer) as answers
    from gathered

)

select * from album_questions
