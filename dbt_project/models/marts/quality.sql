-- Long because each part of the score is written out as the share that it is.

with counted as (

    select * from {{ ref('int_quality_counted') }}

),

shares as (

    select
        {{ sound_share('unsound_rows', 'all_rows') }} as structure_before,
        {{ sound_share('unsound_rows', 'all_rows + added_rows') }}
            as structure_after,
        {{ sound_share(
            'incoherent_albums + incoherent_artists_before', 'albums + artists'
        ) }} as coherence_before,
        {{ sound_share(
            'incoherent_albums + incoherent_artists_after',
            'albums + artists + new_artists'
        ) }} as coherence_after,
        {{ sound_share('orphan_tracks + orphan_scrobbles', 'tracks + scrobbles') }}
            as integrity,
        {{ sound_share('without_image_before + without_genre_before', 'albums * 2') }}
            as completeness_before,
        {{ sound_share('without_image_after + without_genre_after', 'albums * 2') }}
            as completeness_after
    from counted

),

parts as (

    select
        'structure' as metric,
        structure_before as before,
        structure_after as after
    from shares
    union all
    select 'coherence', coherence_before, coherence_after from shares
    union all
    select 'integrity', integrity, integrity from shares
    union all
    select 'completeness', completeness_before, completeness_after from shares

),

points as (

    select
        metric,
        metric as part,
        {{ rounded('25 * before', 2) }} as before,
        {{ rounded('25 * after', 2) }} as after,
        'points' as unit
    from parts
    union all
    select
        'data_quality_score', 'total',
        {{ rounded('25 * sum(before)', 2) }}, {{ rounded('25 * sum(after)', 2) }}, 'points'
    from parts

),

{% set counts = {
    'albums': ['albums', 'albums'],
    'artists': ['artists', 'artists + new_artists'],
    'tracks': ['tracks', 'tracks'],
    'scrobbles': ['scrobbles', 'scrobbles'],
    'albums_without_image': ['without_image_before', 'without_image_after'],
    'albums_without_genre': ['without_genre_before', 'without_genre_after'],
    'albums_without_year': ['without_year_before', 'without_year_after'],
    'albums_without_description':
        ['without_description_before', 'without_description_after'],
    'malformed_artists': ['malformed_before', 'malformed_after'],
    'duplicate_albums': ['duplicate_albums', 'duplicate_albums'],
    'duplicate_artists': ['duplicate_artists', 'duplicate_artists'],
    'orphan_tracks': ['orphan_tracks', 'orphan_tracks'],
    'broken_references': ['broken_references', 'broken_references'],
} -%}
counts as (

    {% for metric, (before, after) in counts.items() %}
    select
        '{{ metric }}' as metric,
        'count' as part,
        {{ before }} as before,
        {{ after }} as after,
        'count' as unit
    from counted
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

quality as (

    select
        metric,
        part,
        cast(before as double) as before,
        cast(after as double) as after,
        unit
    from points
    union all
    select metric, part, cast(before as double), cast(after as double), unit
    from counts

)

select * from quality
