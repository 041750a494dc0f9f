{{ config(materialized='table') }}

-- The first rule that holds decides; what each is worth stands in credit_rules.
-- Long because it is the list of rules, one a line: their order is the grammar.

with boundaries as (

    select
        *,
        word_count >= 2 and word_count_before >= 2 as are_full_names,
        -- somebody is called "John" and somebody "Yoko": that proves nothing
        word_count = 1 and word_count_before = 1 and is_all_given_names and is_all_given_names_before
            as are_bare_given_names
    from {{ ref('int_credit_boundaries') }}

),

ruled as (

    select
        *,
        case
            when is_inside_known_act then 'one_known_act'
            when is_suffix then 'suffix_of_a_name'
            when kind = 'guest' then 'guest'
            -- "hans orkester" is his, Hans Meier is himself
            when begins_with_possessive and (is_ensemble or ends_like_a_band or not begins_with_given_name)
                then 'leader_and_ensemble'
            when is_following then 'followers'
            when are_known and not (kind = 'pair' and are_bare_given_names) then 'known_parts'
            when kind = 'list' and atom_count = 2 and {{ trimmed('separator_text') }} like ',_%' then 'phrase'
            when kind = 'list' and {{ trimmed('separator_text') }} not in (',', '，') then 'list'
            when kind = 'list' and word_count = 1 and begins_with_article then 'inverted_name'
            when kind = 'list' and (is_phrase or lower(atom) = lower(atom_before)) then 'phrase'
            when kind = 'list' and holds_place_before and word_count = 1 then 'place_of_an_ensemble'
            when kind = 'list' and atom_count = 2 and word_count_before = 1 and is_all_given_names
                and not is_known_before and not is_all_given_names_before then 'inverted_name'
            when kind = 'list' and atom_count = 2 and word_count_before = 1 and begins_with_article
                and is_all_given_names_before then 'byname'
            when kind in ('list', 'pair') and segment_lists > 0 and segment_size = 3 and not is_among_guests
                and is_of_single_words and segment_pairs = 1
                then case when holds_known_act then 'list_with_known_acts' else 'trio_of_surnames' end
            when kind = 'list' then 'list'
            when kind = 'slash' and atom_count = 2 and are_full_names and word_count > 2 and begins_with_given_name
                and (is_ensemble or ends_like_a_band) then 'slash_inside_a_name'
            when kind = 'slash' and {{ trimmed('separator_text') }} = '／' then 'slash_beside_a_word'
            when kind = 'slash' and not is_tight then case
                when are_full_names or atom_count > 2 then 'slash' else 'slash_beside_a_word' end
            when kind = 'slash' and ends_like_a_band and (word_count_before = 1 or begins_with_article_before) then 'slash_inside_a_name'
            when kind = 'slash' and are_full_names then 'tight_slash_of_names'
            when kind = 'slash' and word_count + word_count_before > 2
                and length(atom) > 3 and length(atom_before) > 3 then 'tight_slash'
            when kind = 'slash' then 'slash_inside_a_name'
            when kind = 'with' and is_phrase_before then 'phrase'
            -- "Trio mit vier Fäusten": what follows is no name
            when {{ trimmed('separator_text') }} = 'mit' and not begins_with_article
                and {{ matches_pattern('atom', '^[a-z]') }} then 'phrase'
            when kind = 'with' and word_count + word_count_before = 2 then 'with_of_words'
            when kind = 'cross' and word_count + word_count_before = 2 then 'cross_of_words'
            when kind in ('with', 'versus', 'cross') then kind
            when kind = 'dash' and word_count >= 2 and not begins_with_article then 'dash'
            when kind = 'dash' then 'dash_of_words'
            when is_phrase_before or is_phrase then 'phrase'
            when begins_with_article and segment_lists > 0 then 'list_with_a_band'
            when begins_with_article and word_count >= 4 and is_ensemble then 'name_and_ensemble'
            when begins_with_article and is_known_before and word_count_before > 1 then 'known_leader_and_band'
            when begins_with_article and begins_with_article_before and word_count > 2 and word_count_before > 2 then 'two_bands'
            when begins_with_article then 'leader_and_band'
            when word_count_before = 1 and word_count >= 2 and begins_with_given_name_before
                and begins_with_given_name and not ends_with_given_name
                then case when holds_ensemble and segment_size > 2 then 'shared_surname' else 'family' end
            when segment_lists > 0 and segment_size = 3 and is_all_given_names and is_all_given_names_before
                and word_count + word_count_before = 2 then 'list_of_given_names'
            when segment_lists > 0 and ends_like_a_band and word_count = 2 and word_count_before = 1 then 'list_with_a_band'
            when segment_lists > 0 and segment_size = 3 and word_count + word_count_before = 2 then 'serial_list_of_words'
            when segment_lists > 0 then 'serial_list'
            when ends_like_a_band and word_count = 2 then 'leader_and_group'
            when is_ensemble and are_full_names and segment_size = 2 and not is_ensemble_before
                and not begins_with_given_name_before and not is_known_before then 'name_and_ensemble'
            when (is_ensemble or is_ensemble_before) and are_full_names then 'ensemble'
            when is_among_guests and word_count + word_count_before = 2 then 'guests_of_words'
            when is_among_guests then 'pair_of_guests'
            when segment_size > 2 and not is_of_single_words then 'chain_of_names'
            when are_full_names then 'pair_of_names'
            when word_count_before >= 2 and is_all_given_names_before then 'given_names'
            when word_count_before >= 2 then 'name_and_word'
            when word_count >= 2 and begins_with_given_name_before then 'given_name_and_words'
            when word_count >= 2 then 'word_and_name'
            when is_all_given_names_before and is_all_given_names then 'given_names'
            else 'pair_of_words'
        end as rule
    from boundaries

)

select * from ruled
