{#-
  How the title of an album and the title of a release group relate, as one word; the penalties of each stand in the
  seed match_thresholds. Needs the columns of int_titles_parsed on both sides.
-#}
{% macro title_relation(album, group) -%}
case
    when {{ album }}.core_key is null then 'different'
    -- two albums named after the artist are told apart by the year alone
    when {{ album }}.core_key = {{ group }}.core_key and {{ album }}.is_self_titled
        and {{ album }}.edition_words is null and {{ album }}.subtitle = ''
        and {{ album }}.year <> {{ group }}.first_year then 'subtitle_needed'
    -- "(1955)" and "(1981)": two recordings of one work
    when {{ album }}.core_key = {{ group }}.core_key
        and abs({{ album }}.year - {{ group }}.year_hint) > 1 then 'subtitle_differs'
    when {{ album }}.core_key = {{ group }}.core_key and {{ album }}.subtitle = {{ group }}.subtitle
        and ({{ album }}.folded_title = {{ group }}.folded_title or not {{ group }}.is_cut) then 'equal'
    when {{ album }}.core_key = {{ group }}.core_key and {{ album }}.subtitle = {{ group }}.subtitle then 'reworded'
    when {{ album }}.sorted_words = {{ group }}.sorted_words then 'same_words'
    when {{ album }}.core_key = {{ group }}.core_key and {{ album }}.subtitle <> ''
        and instr({{ group }}.folded_disambiguation, {{ album }}.subtitle_text) > 0 then 'disambiguated'
    when {{ album }}.core_key = {{ group }}.core_key and {{ is_said_by_type(album, group) }} then 'said_by_type'
    when {{ album }}.core_key = {{ group }}.core_key
        and {{ album }}.other_work_words <> {{ group }}.other_work_words then 'other_work'
    when {{ album }}.core_key = {{ group }}.core_key
        and {{ album }}.subtitle <> '' and {{ group }}.subtitle <> '' then 'subtitle_differs'
    when {{ album }}.core_key = {{ group }}.core_key and {{ album }}.numbers <> {{ group }}.numbers
        then 'subtitle_differs'
    when {{ album }}.core_key = {{ group }}.core_key and {{ album }}.is_self_titled
        and coalesce({{ album }}.year <> {{ group }}.first_year, true) then 'subtitle_needed'
    when {{ album }}.core_key = {{ group }}.core_key
        and {{ count_words(album ~ '.subtitle || ' ~ group ~ '.subtitle') }} < 3 then 'subtitle_short'
    when {{ album }}.core_key = {{ group }}.core_key then 'subtitle_dropped'
    when {{ album }}.other_work_words = {{ group }}.other_work_words
        and (
            {{ replace_pattern(album ~ '.subtitle', ' ', '') }} = {{ group }}.core_key
            or {{ album }}.core_key = {{ replace_pattern(group ~ '.subtitle', ' ', '') }}
        ) then 'alternative'
    when {{ album }}.numbers <> {{ group }}.numbers
        or {{ album }}.other_work_words <> {{ group }}.other_work_words then 'different'
    when {{ album }}.subtitle = {{ group }}.subtitle
        and {{ is_misspelling(album ~ '.core_key', group ~ '.core_key') }} then 'misspelled'
    when {{ is_beginning(album ~ '.core', group ~ '.core') }} then 'beginning'
    when {{ token_overlap(split_words(album ~ '.sorted_words'), split_words(group ~ '.sorted_words')) }} >= 0.5
        then 'similar'
    else 'different'
end
{%- endmacro %}

{#- "(Live)" in the album's title where the release group says the same by its type instead. -#}
{% macro is_said_by_type(album, group) -%}
(
    {{ group }}.subtitle = '' and {{ group }}.other_work_words = ''
    and {{ album }}.other_work_words in ('live', 'remix', 'demo', 'compilation')
    and {{ album }}.subtitle = {{ album }}.other_work_words
    and instr({{ group }}.types_folded, {{ album }}.other_work_words) > 0
)
{%- endmacro %}

{#- One slip in ten letters, or two letters swapped in twelve: enough for "Hibrid", too little for "Aquarius". -#}
{% macro is_misspelling(left, right) -%}
(
    abs(length({{ left }}) - length({{ right }})) <= 1
    and least(length({{ left }}), length({{ right }})) >= 10
    and (
        {{ edit_distance(left, right) }} <= 1
        or (
            length({{ left }}) >= 12
            and {{ edit_distance(left, right) }} = 2
            and {{ same_letters(left, right) }}
        )
    )
)
{%- endmacro %}

{#- The words of one title begin the other: a subtitle after a colon that only one of them has. -#}
{% macro is_beginning(left, right) -%}
(
    instr({{ left }} || ' ', {{ right }} || ' ') = 1
    or instr({{ right }} || ' ', {{ left }} || ' ') = 1
)
{%- endmacro %}

{#- Every word of the shorter name stands in the longer one, and there are at least two of them. -#}
{% macro is_name_inside(left, right) -%}
(
    {{ shared_word_count(left, right) }} >= 2
    and {{ shared_word_count(left, right) }} >= least({{ count_words(left) }}, {{ count_words(right) }})
)
{%- endmacro %}
