{{ config(materialized='table') }}

{#- Signs that separate wherever they stand; each is set apart by blanks, so that a blank beside it shows as an empty word. -#}
{% set signs = [',', '，', '、', ';', '；', '/', '／'] %}
{% set listed = "('" ~ signs | join("', '") ~ "')" %}
{% set spaced = namespace(text='name_text') %}
{% for sign in signs %}
    {% set spaced.text = "replace(" ~ spaced.text ~ ", '" ~ sign ~ "', ' " ~ sign ~ " ')" %}
{% endfor %}

-- "w/" is a word, not a slash: its sign is hidden while the name is cut
with artists as (

    select
        artist_id,
        replace(replace(
            {{ trimmed(replace_pattern('name', '[\\s\\p{Z}]+', ' ')) }},
            ' w/', ' w' || chr(1)
        ), ' W/', ' W' || chr(1)) as name_text
    from {{ ref('stg_library__artists') }}
    where length(name) <= {{ longest_credit() }} and not {{ is_blank('name') }}

),

cut as (

    select artist_id, {{ split_pieces(spaced.text) }} as words
    from artists

),

pieces as (

    {{ unnest_rows('cut', 'words', ['artist_id'], 'piece') }}

),

neighboured as (

    select
        *,
        lag(piece) over (partition by artist_id order by position) as piece_before,
        lead(piece) over (partition by artist_id order by position) as piece_after,
        lag(piece, 2) over (partition by artist_id order by position) as piece_before_that,
        lead(piece, 2) over (partition by artist_id order by position) as piece_after_that
    from pieces

),

spelled as (

    select
        artist_id,
        position,
        replace(piece, chr(1), '/') as word,
        piece in {{ listed }} as is_sign,
        case when piece_before = '' and piece_before_that not in {{ listed }} then ' ' else '' end as blank_before,
        case when piece_after = '' and piece_after_that not in {{ listed }} then ' ' else '' end as blank_after,
        coalesce(piece_before <> '' and piece_before not in {{ listed }}, false) as follows_word,
        {{ matches_pattern("coalesce(piece_before, '')", '[0-9]$') }}
            and {{ matches_pattern("coalesce(piece_after, '')", '^[0-9]') }} as is_between_digits
    from neighboured
    where piece <> ''

)

select
    artist_id,
    position,
    word,
    case when is_sign then blank_before || word || blank_after else word end as spelling,
    not is_sign and follows_word as has_blank_before,
    is_sign and blank_before = '' and blank_after = '' as is_tight,
    is_sign and is_between_digits as is_number_sign,
    {{ replace_pattern('word', '[()\\[\\]]+', '') }} as bare_word
from spelled
