{#- How titles are cut and words are read; patterns keep to what RE2 and Java read alike. -#}

{#- A bracket of any kind without another one inside; group 1 is what it holds. -#}
{% macro bracket_pattern() -%}
[(\[{（［【]([^()\[\]{}（）［］【】]*)[)\]}）］】]
{%- endmacro %}

{#- The last " - …", " / …" or ": …" of a title: what stands before, the separator, what follows. -#}
{% macro tail_pattern() -%}
^(.*[^\s].*)(\s[-–—/]\s|:\s)\s*([^\s].*)$
{%- endmacro %}

{#- What a word that stands in no seed may be by its form alone; null for an ordinary word. -#}
{% macro word_form(word) -%}
case
    when {{ matches_pattern(word, '^(19|20)[0-9]{2}$') }} then 'year'
    when {{ matches_pattern(word, '^[0-9]{1,3}(st|nd|rd|th|e|er|eme|ere|o|a|os|as|ste|ter)$') }} then 'ordinal'
    when {{ matches_pattern(word, '^[0-9]{5,}$') }} then 'catalogue'
    when {{ matches_pattern(word, '^[a-z]{2,6}[0-9]{2,6}$') }} then 'catalogue'
    when {{ matches_pattern(word, '^[0-9]{1,4}$') }} then 'number'
end
{%- endmacro %}
