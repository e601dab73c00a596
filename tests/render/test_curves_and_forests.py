"""P-value curves and forests of rows: what is drawn, and where."""

import math
import re
import xml.etree.ElementTree as ET

import pytest

from k2stats.render import Band, ForestLine, forest_rows, p_value_curve

SVG = "{http://www.w3.org/2000/svg}"
THETA = [math.exp(-1.5 + 0.005 * k) for k in range(601)]
P = [math.erfc(abs(math.log(x)) / 0.4 / math.sqrt(2)) for x in THETA]


def polyline(svg: str) -> list[tuple[float, float]]:
    (points,) = re.findall(r'points="([^"]+)"', svg)
    return [(float(x), float(y)) for x, y in (p.split(",") for p in points.split())]


def test_the_curve_peaks_where_p_is_one() -> None:
    svg = p_value_curve(THETA, P, title="p", scale="log", null=1.0)
    points = polyline(svg)
    assert len(points) <= 65
    x, y = min(points, key=lambda point: point[1])
    assert y == 0.0
    assert x == pytest.approx(500, abs=10)
    assert [a for a, _ in points] == sorted(a for a, _ in points)
    assert "no effect" in svg
    assert "p 0.05" in svg
    ET.fromstring(svg)


def test_the_curve_leaves_out_what_is_no_number() -> None:
    svg = p_value_curve(
        [0.5, 1.0, 2.0, 4.0], [0.1, 1.0, math.nan, 0.1], title="p", scale="log"
    )
    assert len(polyline(svg)) == 3
    empty = p_value_curve([1.0], [math.nan], title="p")
    assert "polyline" not in empty
    ET.fromstring(empty)


def test_the_band_and_its_words_are_drawn_and_escaped() -> None:
    svg = p_value_curve(
        THETA,
        P,
        title="a < b & c",
        scale="log",
        band=Band(0.5, 2.0, "95% <interval>"),
        style=False,
    )
    assert "95% &lt;interval&gt;" in svg
    assert "a &lt; b &amp; c" in svg
    assert "<style>" not in svg


def test_a_forest_draws_squares_diamonds_and_arrows() -> None:
    lines = [
        ForestLine("A", 0.5, 0.3, 0.8),
        ForestLine("B", 0.6, 0.4, 0.9, share=0.2),
        ForestLine("C <b>", 0.4, 0.001, 900.0, flag="retracted", share=0.1),
        ForestLine("both", 0.52, 0.4, 0.7, "summary"),
    ]
    svg = forest_rows(lines, title="Forest")
    root = ET.fromstring(svg)
    assert "C &lt;b&gt; \u2715 retracted" in svg
    # One broken bar, of the flagged one, with an arrow at either end.
    assert svg.count('stroke-dasharray="3 3"') == 1
    assert svg.count("M0 -5 L-8 0 L0 5 Z") == svg.count("M0 -5 L8 0 L0 5 Z") == 1
    squares = [
        float(r.get("width", "0")) for r in root.iter(f"{SVG}rect") if r.get("x")
    ]
    assert len(squares) == 3
    assert squares[0] == 13.0
    assert squares[0] > squares[1] > squares[2] > 5.0
    diamonds = [p for p in root.iter(f"{SVG}path") if "100" in p.get("d", "")]
    assert len(diamonds) == 1
    assert "0.520 (0.400 to 0.700)" in svg


def test_a_forest_leaves_undefined_rows_without_a_mark() -> None:
    nothing = ForestLine("none", math.nan, math.nan, math.nan)
    svg = forest_rows([nothing, ForestLine("A", 0.5, 0.3, 0.8)], title="x")
    assert nothing.words == "none"
    ET.fromstring(svg)
    only = forest_rows([nothing], title="x", scale="linear", null=None)
    assert "k2-bar" not in only.split("</style>")[1]


def test_a_diamond_without_width_is_left_out() -> None:
    svg = forest_rows([ForestLine("A", 1.0, 1.0, 1.0, "summary")], title="x")
    assert "L100 6" not in svg
