"""Addresses: only web addresses become links."""

import pytest

from k2stats.render import is_web_address, link


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "https://",
        "https:example.org",
        "http://exam ple.org",
        "https://[::1",
        "10.1",
        "",
    ],
)
def test_nothing_else_becomes_a_link(address: str) -> None:
    assert not is_web_address(address)
    assert "<a" not in link(address)


def test_web_addresses_do_and_are_escaped() -> None:
    made = link('https://example.org/?q="><script>&x=1')
    assert made.startswith('<a href="https://example.org/?q=&quot;&gt;&lt;script&gt;')
    assert "<script>" not in made


def test_dois_link_to_their_resolver() -> None:
    assert 'href="https://doi.org/10.1038/s41598-025-00286-2"' in link(
        "10.1038/s41598-025-00286-2"
    )
