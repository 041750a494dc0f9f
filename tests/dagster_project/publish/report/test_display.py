"""What may be shown, and what may become a link."""

from __future__ import annotations

import pytest

from dagster_project.publish.report.display import LONGEST_TEXT, clean, initials, safe_link


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.b/c",
        "//a.b/c",
        "http:///x",
        "https://",
        "https://a.b\\@c.d/",
        "https://user:pass@a.b/",
        "https://a.b/\u202ecod",
        "https://a b/",
        "java\nscript:alert(1)",
        "http://[::1",
        None,
        12,
    ],
)
def test_address_that_is_no_link(address: object) -> None:
    """Only http and https with a plain host become links."""
    assert safe_link(address) is None


def test_address_that_breaks_out() -> None:
    """S3: quotes, angles and letters outside ASCII are encoded; what was encoded stays."""
    assert safe_link('https://a.b/é"<x>%20?q=1&r=2#f') == "https://a.b/%C3%A9%22%3Cx%3E%20?q=1&r=2#f"


def test_text_without_end() -> None:
    """Five megabytes become one short line; control and direction marks are gone; emoji and joiners stay."""
    assert len(clean("x" * 5_000_000)) == LONGEST_TEXT
    assert clean("a\x00\u202e\n\tb") == "a b"
    assert clean("👩\u200d🎤") == "👩\u200d🎤"
    assert clean(None) == ""


def test_initials_of_a_title_without_letters() -> None:
    """Signs have no initials, and say so."""
    assert [initials(title) for title in ("Abbey Road", "( )", "/A\\", "", "99 Luftballons")] == [
        "AR",
        "?",
        "A",
        "?",
        "9L",
    ]
