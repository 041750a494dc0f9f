{#- Year and type of an album against those of a release group, each as one word of the seed match_thresholds. -#}

{% macro year_relation(album, group) -%}
case
    when {{ album }}.year is null or {{ group }}.first_year is null then 'unknown'
    when {{ album }}.year = {{ group }}.first_year then 'equal'
    when abs({{ album }}.year - {{ group }}.first_year) = 1 then 'near'
    when {{ album }}.year < {{ group }}.first_year then 'too_early'
    when {{ album }}.edition_words is not null then 'edition_later'
    else 'issued_later'
end
{%- endmacro %}

{% macro type_relation(album, group) -%}
case
    when {{ album }}.type_hint is not null and lower({{ group }}.primary_type) = {{ album }}.type_hint then 'said'
    when {{ album }}.type_hint in ('ep', 'single') and {{ group }}.primary_type is not null then 'differs'
    when {{ group }}.primary_type = 'Single' and {{ album }}.track_count >= 3 then 'single_of_many'
    when {{ group }}.primary_type = 'Single' and {{ album }}.track_count > 0 and not {{ album }}.has_title_track
        then 'single_unheard'
    when {{ group }}.primary_type = 'Single' then 'single'
    when {{ matches_pattern(group ~ '.types_folded', 'remix|demo|interview|audiobook|audio drama|spokenword') }}
        and {{ album }}.other_work_words = '' then 'other'
    when {{ matches_pattern(group ~ '.types_folded', 'live') }}
        and not {{ matches_pattern(album ~ '.other_work_words', 'live') }} then 'live'
    when {{ matches_pattern(group ~ '.types_folded', 'compilation') }}
        and not {{ matches_pattern(album ~ '.other_work_words', 'compilation') }} then 'compilation'
    when {{ group }}.primary_type = 'EP' then 'ep'
    when {{ group }}.primary_type in ('Broadcast', 'Other') then 'other'
    else 'album'
end
{%- endmacro %}

{#- The four findings as a sentence for a person. -#}
{% macro evidence_in_words(pair) -%}
case {{ pair }}.title_relation
    when 'equal' then 'title equal'
    when 'reworded' then 'title equal but for words of edition or film'
    when 'same_words' then 'title of the same words'
    when 'disambiguated' then 'subtitle equals the disambiguation'
    when 'said_by_type' then 'title equal, the rest said by the type'
    when 'misspelled' then 'title nearly equal'
    when 'subtitle_dropped' then 'title equal without its subtitle'
    when 'subtitle_short' then 'title equal without a short subtitle'
    when 'alternative' then 'title equal to the other title in brackets'
    when 'subtitle_needed' then 'self-titled, subtitle or year missing'
    when 'subtitle_differs' then 'title equal, subtitle or number differs'
    when 'other_work' then 'title equal, but one is another work (live, remix, volume …)'
    when 'beginning' then 'one title begins the other'
    when 'similar' then 'title similar'
    else 'title differs'
end
|| coalesce(' after "' || {{ pair }}.edition_words || '"', '')
|| '; ' || case {{ pair }}.artist_relation
    when 'same' then 'artist equal'
    when 'part' then 'artist is one of several'
    when 'inside' then 'artist inside the credit'
    when 'misspelled' then 'artist nearly equal'
    when 'cast' then 'artist of some of its tracks'
    when 'cast_doubted' then 'soundtrack by another artist'
    when 'unknown' then 'artist unknown'
    when 'imitation' then 'a tribute or karaoke act'
    else 'artist differs'
end
|| '; ' || case {{ pair }}.year_relation
    when 'unknown' then 'year unknown'
    when 'equal' then 'year ' || cast({{ pair }}.album_year as string) || ' = '
        || cast({{ pair }}.first_year as string)
    else 'year ' || cast({{ pair }}.album_year as string) || ', first release '
        || cast({{ pair }}.first_year as string)
end
|| '; ' || case {{ pair }}.type_relation
    when 'album' then 'album'
    when 'said' then 'type as said'
    when 'ep' then 'EP'
    when 'single' then 'single'
    when 'single_of_many' then 'single, though several tracks were heard'
    when 'single_unheard' then 'single, though its song is not among the tracks heard'
    when 'live' then 'live, not said in the title'
    when 'compilation' then 'compilation'
    when 'differs' then 'another type than said'
    else 'another kind of release'
end
|| '; ' || cast({{ pair }}.track_count as string)
|| case when {{ pair }}.track_count = 1 then ' track heard' else ' tracks heard' end
|| case when {{ pair }}.is_identified then '; named by an identifier' else '' end
{%- endmacro %}
