{{ config(materialized='keyed', sides=[{'key': 'title', 'inputs': {'int_title_words_named': 'title'}}]) }}

-- The words that name the work, without a tail that only names the edition.

with named as (

    select * from {{ ref('int_title_words_named') }}

),

-- "… Deluxe Edition", "… 2015 Remaster", "… CD 1" without a bracket: cut from its first mark to the end
suffixes as (

    select
        *,
        not is_subtitle and position > 1 and (
            edition_role = 'mark'
            or (edition_role = 'format' and word in ('cd', 'disc', 'disk', 'disque')
                and {{ matches_pattern("coalesce(next_word, '')", '^[0-9]$') }})
            or (word = 'ep' and next_word is null)
        ) as is_mark,
        max(case when edition_role is null and form is null and not coalesce(is_function, false)
            and not is_subtitle then position else 0 end) over (partition by title) as last_named_position,
        lag(coalesce(form, edition_role)) over (partition by title order by position) as role_before,
        lag(coalesce(form, edition_role), 2) over (partition by title order by position) as role_two_before
    from named

),

cuts as (

    select
        title,
        min(
            case
                when role_before in ('ordinal', 'sign') then position - 1
                when role_before = 'year' and coalesce(role_two_before, '') not in ('year', 'number') then position - 1
                else position
            end
        ) as cut_position
    from suffixes
    where is_mark
        and position > last_named_position
    group by title

),

kept as (

    select
        named.*,
        coalesce(named.is_function, false) as is_light
    from named
    left join cuts
        on named.title = cuts.title
    where named.is_subtitle
        or named.position < greatest(coalesce(cuts.cut_position, 1000000), 2)

)

select * from kept
