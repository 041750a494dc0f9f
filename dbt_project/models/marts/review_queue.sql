{% set columns = [
    'queue_id', 'kind', 'album_id', 'artist', 'title', 'field', 'reason',
    'candidates', 'confidence', 'suggestion',
] %}
{% set queues = [
    'int_review_matches', 'int_review_credits', 'int_review_genres',
    'int_review_covers', 'int_review_duplicates',
] %}
with together as (

    {% for queue in queues %}
    select {{ columns | join(', ') }} from {{ ref(queue) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

review_queue as (

    select
        queue_id,
        kind,
        cast(album_id as bigint) as album_id,
        artist,
        title,
        field,
        reason,
        candidates,
        cast(confidence as double) as confidence,
        suggestion
    from together

)

select * from review_queue
