"""Text tables, HTML and SVG from plain rows; knows no statistics."""

from k2stats.render.axis import Axis, Scale
from k2stats.render.bars import Bar, interval_bars
from k2stats.render.forest_rows import ForestLine, forest_rows
from k2stats.render.frame import Band, Rule
from k2stats.render.html import is_web_address, link, safe_text
from k2stats.render.json_text import json_text
from k2stats.render.numbers import display_width, printable, significant, span
from k2stats.render.p_curve import p_value_curve
from k2stats.render.progress import progress_bar
from k2stats.render.shares import Share, share_bar
from k2stats.render.strip import Mark, p_value_strip, point_strip
from k2stats.render.svg import STYLE
from k2stats.render.tables import (
    cell_text,
    fit_widths,
    html_table,
    is_numeric,
    text_table,
    to_encoding,
    wrap,
)
from k2stats.render.terminal import Terminal

__all__ = [
    "STYLE",
    "Axis",
    "Band",
    "Bar",
    "ForestLine",
    "Mark",
    "Rule",
    "Scale",
    "Share",
    "Terminal",
    "cell_text",
    "display_width",
    "fit_widths",
    "forest_rows",
    "html_table",
    "interval_bars",
    "is_numeric",
    "is_web_address",
    "json_text",
    "link",
    "p_value_curve",
    "p_value_strip",
    "point_strip",
    "printable",
    "progress_bar",
    "safe_text",
    "share_bar",
    "significant",
    "span",
    "text_table",
    "to_encoding",
    "wrap",
]
