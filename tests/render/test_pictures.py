"""SVG pictures: places, labels, escaping."""

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.render import (
    Band,
    Bar,
    Mark,
    Share,
    interval_bars,
    p_value_strip,
    point_strip,
    share_bar,
)
from k2stats.render.labels import Label, arrange
from k2stats.render.strip import RADIUS, stack
from k2stats.render.svg import LEFT, NARROWEST, RIGHT, pixels

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script>&\x00'


def drawn(svg: str, kind: str, class_: str) -> list[ET.Element]:
    root = ET.fromstring(svg)
    return [
        e for e in root.iter(f"{SVG}{kind}") if class_ in e.get("class", "").split()
    ]


def percent(text: str | None) -> float:
    assert text is not None
    assert text.endswith("%")
    return float(text[:-1])


def test_a_mark_at_alpha_lies_on_the_alpha_line() -> None:
    svg = p_value_strip(
        [Mark("at alpha", 0.05, 0.05), Mark("low", 0.001, 0.001)], title="p"
    )
    (line,) = drawn(svg, "line", "k2-line")
    at_alpha, low = sorted(
        (percent(c.get("cx")) for c in drawn(svg, "circle", "k2-mark")), reverse=True
    )
    assert percent(line.get("x1")) == percent(line.get("x2")) == at_alpha
    assert low < at_alpha


def test_log_distances_are_ratios() -> None:
    marks = [Mark(str(p), p, p) for p in (0.001, 0.01, 0.1)]
    svg = p_value_strip(marks, title="p", alpha=0.01)
    x = sorted(percent(c.get("cx")) for c in drawn(svg, "circle", "k2-mark"))
    assert x[1] - x[0] == pytest.approx(x[2] - x[1], abs=2e-3)


def test_marks_that_print_as_reported_lie_in_the_window() -> None:
    window = Band(0.0435, 0.0445, "reported 0.0435 to 0.0445")
    marks = [Mark("mid-p", 0.04352, 0.04352, filled=True), Mark("Yates", 0.1, 0.1)]
    svg = p_value_strip(marks, title="p", window=window)
    (band,) = drawn(svg, "rect", "k2-band")
    left = percent(band.get("x"))
    right = left + percent(band.get("width"))
    (hit,) = drawn(svg, "circle", "k2-hit")
    assert left <= percent(hit.get("cx")) <= right
    (miss,) = (c for c in drawn(svg, "circle", "k2-mark") if c is not hit
               and "k2-hit" not in c.get("class", ""))  # fmt: skip
    assert percent(miss.get("cx")) > right


def test_a_bound_is_shaded_to_the_end_of_the_axis() -> None:
    svg = p_value_strip(
        [Mark("a", 0.0004, 0.0004)], title="p", window=Band(-math.inf, 0.001, "<0.001")
    )
    (band,) = drawn(svg, "rect", "k2-band")
    assert percent(band.get("x")) == LEFT


def test_ranges_reach_from_end_to_end() -> None:
    svg = point_strip([Mark("a", 1.0, 3.0), Mark("b", 0.0, 0.0)], title="x")
    (bar,) = drawn(svg, "line", "k2-bar")
    ends = sorted(percent(c.get("cx")) for c in drawn(svg, "circle", "k2-mark"))[1:]
    assert [percent(bar.get("x1")), percent(bar.get("x2"))] == ends


def test_missing_numbers_are_left_out_and_zero_p_stays_on_the_axis() -> None:
    marks = [Mark("none", math.nan, math.nan), Mark("zero", 0.0, 0.0)]
    (circle,) = drawn(p_value_strip(marks, title="p"), "circle", "k2-mark")
    assert LEFT <= percent(circle.get("cx")) <= RIGHT


def test_no_marks_at_all_is_a_picture_too() -> None:
    assert drawn(p_value_strip([], title="p"), "line", "k2-axis")
    assert drawn(interval_bars([], title="RR"), "line", "k2-axis")


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=25))
def test_stacked_marks_do_not_touch(pairs: list[tuple[float, float]]) -> None:
    spans = [(min(p), max(p)) for p in pairs]
    lanes = stack(spans)
    for lane in set(lanes):
        here = sorted(s for s, k in zip(spans, lanes, strict=True) if k == lane)
        for (_, end), (start, _) in pairwise(here):
            assert pixels(start) - pixels(end) >= 2 * RADIUS


labels = st.builds(Label, st.floats(0, 1), st.text("abc ", min_size=1, max_size=60))


@given(st.lists(labels, max_size=6))
def test_labels_do_not_overlap_at_any_width(asked: list[Label]) -> None:
    placed = arrange(asked)
    assert [p.share for p in placed] == [a.share for a in asked]
    for k, one in enumerate(placed):
        left, right = one.box
        assert left >= -1e-6
        assert right <= NARROWEST + 1e-6
        for other in placed[:k]:
            if one.lane == other.lane:
                (a, b), (c, d) = one.box, other.box
                assert b < c or d < a
                # On a wider page texts keep their size and points move apart.
                wider = 3 * (pixels(one.share) - pixels(other.share))
                shift = wider - (pixels(one.share) - pixels(other.share))
                assert b + shift < c or d < a + shift


def test_matching_and_extreme_methods_are_labelled() -> None:
    marks = [Mark(f"m{k}", 0.01 * k, 0.01 * k, filled=k == 4) for k in range(1, 12)]
    svg = p_value_strip(marks, title="p")
    texts = [e.text or "" for e in ET.fromstring(svg).iter(f"{SVG}text")]
    for name in ("m1", "m4", "m11"):
        assert any(t.startswith(f"{name} ") for t in texts)
    assert not any(t.startswith("m6 ") for t in texts)
    titles = [e.text or "" for e in ET.fromstring(svg).iter(f"{SVG}title")]
    assert all(any(t.startswith(f"{m.label}:") for t in titles) for m in marks)


def test_bars_span_their_interval_and_the_null_line_stands_at_no_effect() -> None:
    bars = [Bar("a", 1.0, 0.5, 2.0), Bar("b", 1.2, 0.8, 1.6, filled=True)]
    svg = interval_bars(bars, title="RR", scale="log", null=1.0)
    (line,) = drawn(svg, "line", "k2-line")
    first, second = drawn(svg, "line", "k2-bar")
    points = [percent(c.get("cx")) for c in drawn(svg, "circle", "k2-mark")]
    assert percent(line.get("x1")) == points[0]
    middle = (percent(first.get("x1")) + percent(first.get("x2"))) / 2
    assert middle == pytest.approx(points[0], abs=2e-3)
    assert percent(second.get("x1")) < points[1] < percent(second.get("x2"))


def test_infinite_limits_end_in_an_arrow_at_the_end_of_the_axis() -> None:
    svg = interval_bars([Bar("a", 5.75, 2.89, math.inf)], title="NNT")
    (bar,) = drawn(svg, "line", "k2-bar")
    assert percent(bar.get("x2")) == RIGHT
    (arrow,) = ET.fromstring(svg).iter(f"{SVG}path")
    assert arrow.get("d", "").startswith("M0 -5 L8 ")


def test_intervals_through_infinity_are_two_pieces() -> None:
    svg = interval_bars([Bar("a", 5.75, 2.89, -262.0), Bar("b", 4, 3, 5)], title="NNT")
    pieces = [(e.get("x1"), e.get("x2")) for e in drawn(svg, "line", "k2-bar")]
    assert len(pieces) == 3
    assert percent(pieces[0][1]) == RIGHT
    assert percent(pieces[1][0]) == LEFT
    assert "5.75 (2.89 to \u221e to -262)" in svg


def test_one_enormous_limit_does_not_press_the_others_together() -> None:
    bars = [Bar(str(k), 1.0, 0.5, 2.0) for k in range(4)] + [Bar("x", 1.0, 0.4, 900.0)]
    svg = interval_bars(bars, title="OR", scale="log", null=1.0)
    first = drawn(svg, "line", "k2-bar")[0]
    assert percent(first.get("x2")) - percent(first.get("x1")) > 20


def test_undefined_intervals_say_so() -> None:
    svg = interval_bars([Bar("a", math.nan, math.nan, math.nan)], title="OR")
    assert "undefined" in svg
    assert not drawn(svg, "line", "k2-bar")


def test_pictures_are_well_formed_escaped_and_named() -> None:
    marks = [Mark(HOSTILE, 0.04, 0.05, True, HOSTILE), Mark("b", 0.2, 0.2)]
    for svg in (
        point_strip(
            marks,
            title=HOSTILE,
            description=HOSTILE,
            axis_label=HOSTILE,
            band=Band(0.0, 1.0, HOSTILE),
        ),
        interval_bars(
            [Bar(HOSTILE, 1.0, 0.5, 2.0, detail=HOSTILE)],
            title=HOSTILE,
            null=1.0,
            null_label=HOSTILE,
        ),
        share_bar([Share(HOSTILE, 2, HOSTILE)], title=HOSTILE),
    ):
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        assert root.get("aria-label", "").startswith('"><script>alert(1)')
        assert root.find(f"{SVG}title") is not None
        assert not list(root.iter(f"{SVG}script"))


def test_no_picture_says_nan() -> None:
    marks = [Mark("a", 0.0, math.inf), Mark("b", math.nan, 1.0)]
    bars = [Bar("a", 1.0, math.nan, 2.0), Bar("b", math.inf, 0.0, math.inf)]
    for scale in ("linear", "log"):
        one = point_strip(marks, title="t", scale="log" if scale == "log" else "linear")
        two = interval_bars(
            bars, title="t", scale="log" if scale == "log" else "linear"
        )
        for svg in (one, two):
            for element in ET.fromstring(svg).iter():
                for name in ("x", "x1", "x2", "cx", "width", "y", "y1", "height"):
                    assert "nan" not in element.get(name, "")
                    assert "inf" not in element.get(name, "")


def test_shares_fill_the_bar() -> None:
    svg = share_bar(
        [Share("a", 3, "a"), Share("none", 0, "b"), Share("c", 1, "c")], title="all"
    )
    rects = drawn(svg, "rect", "k2-share")
    assert [r.get("width") for r in rects] == ["75%", "25%"]
    assert [r.get("x") for r in rects] == ["0%", "75%"]
