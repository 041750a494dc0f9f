-- What stands between two stronger separators is judged together.

select
    artist_id,
    segment,
    count(*) as segment_size,
    sum(case when kind = 'list' then 1 else 0 end) as segment_lists,
    sum(case when kind = 'pair' then 1 else 0 end) as segment_pairs,
    max(word_count) = 1 as is_of_single_words,
    max(case when is_ensemble then 1 else 0 end) = 1 as holds_ensemble,
    max(case when begins_known_act then 1 else 0 end) = 1 as holds_known_act
from {{ ref('int_credit_atoms_described') }}
group by 1, 2
