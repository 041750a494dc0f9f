{#-
  A text folded to its comparison key: case, accents, full-width forms, typographic quotes, "&" and punctuation no
  longer tell two names apart. Never empties a name: "!!!", "+/-" and "…" stay themselves, trimmed and in lower case.
  Full-width forms are looked for only where a byte is no ASCII: that list is longer than all else here is slow.
  Self-contained on purpose: the list of what to ask renders this file alone, outside dbt, to fold by the same rule.
-#}
{% macro duckdb__fold_text(expr) -%}
coalesce(
    nullif(
        trim(
            regexp_replace(
                regexp_replace(
                    replace(
                        replace(replace(replace(replace(
                            translate(
                                strip_accents(lower(nfc_normalize(
                                    case
                                        when strlen(cast({{ expr }} as varchar)) = length(cast({{ expr }} as varchar))
                                            then cast({{ expr }} as varchar)
                                        else translate(
                                            cast({{ expr }} as varchar),
                                            '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　',
                                            '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~ '
                                        )
                                    end
                                ))),
                                'øłđðıħŧƒ',
                                'olddihtf'
                            ),
                            'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'),
                        '&', ' and '
                    ),
                    '[''’‘ʼ′`´ʹ＇]', '', 'g'
                ),
                '[^\p{L}\p{N}\p{M}]+', ' ', 'g'
            )
        ),
        ''
    ),
    nullif(trim(lower(nfc_normalize(cast({{ expr }} as varchar)))), '')
)
{%- endmacro %}
