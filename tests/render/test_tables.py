"""Tables of text and of HTML."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.render import display_width, html_table, text_table, to_encoding, wrap

HEADLINE = (
    "p = 0.044 (values 0.0435 to 0.0445) on 33/36 v 26/35 is reproduced only by "
    "Fisher mid-p 0.0435 and arcsine z 0.0441: 2 of 31 methods tried."
)
COLUMNS = {
    "claim": ["S000-04", "S001-09"],
    "verdict": ["reproduced only by", "not reproduced by the methods tried"],
    "finding": [HEADLINE, "10.1038/s41598-025-00286-2/" * 6],
}


@pytest.mark.parametrize("width", [40, 80, 100, 120, 200])
def test_tables_fit_and_lose_no_word(width: int) -> None:
    lines = text_table(COLUMNS, width=width).splitlines()
    assert max(map(len, lines)) <= width
    shown = "".join(lines).replace(" ", "")
    for word in HEADLINE.split():
        assert word in shown


def test_a_wide_terminal_takes_one_line_a_row() -> None:
    assert len(text_table(COLUMNS, width=400).splitlines()) == 4


def test_numbers_are_flush_right_and_never_broken() -> None:
    table = text_table({"p": [0.05, 123.4], "n": [7, 18176]}, width=4)
    assert table.splitlines()[2:] == ["0.05000      7", "  123.4  18176"]


def test_empty_cells_and_missing_numbers() -> None:
    table = text_table({"p": [0.05, None, float("nan")], "x": ["a", None, "c"]})
    assert table.splitlines()[3:] == ["", "      \u2013  c"]


def test_columns_of_different_length_are_refused() -> None:
    for make in (text_table, html_table):
        with pytest.raises(ValueError, match="one length"):
            make({"a": [1], "b": []})


@given(st.text(), st.integers(1, 30))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(display_width(x) <= max(width, 2) for x in lines)


def test_what_an_encoding_lacks_is_spelt() -> None:
    assert to_encoding("\u2264 5 \u2013 \u221e \u4e2d", "ascii") == "<= 5 - inf \\u4e2d"


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_escaped() -> None:
    hostile = '<script>alert("1")</script>'
    parser = _Cells()
    parser.feed(html_table({hostile: [hostile, None, 0.05]}, caption=hostile))
    assert "script" not in parser.tags
    assert parser.texts == [hostile, hostile, hostile, "0.05000"]
