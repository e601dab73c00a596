"""Findings as one HTML document."""

import base64
import hashlib
import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from k2stats._version import __version__
from k2stats.audit import Finding
from k2stats.audit.pooled_findings import PooledFinding
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut
from k2stats.render import STYLE, Share, link, printable, share_bar
from k2stats.report.groups import GROUPS, counts
from k2stats.report.pooled_view import pair_view, pooled_view
from k2stats.report.views import anchors, by_source, finding_views, methods_used
from k2stats.report.writing import write_text

TITLE = "Printed numbers, recomputed"


def to_html(
    findings: Sequence[Finding],
    *,
    title: str = TITLE,
    pooled: Sequence[PooledFinding] = (),
    pairs: Sequence[PrintedLeaveOut] = (),
) -> str:
    """Return the findings as one HTML document that needs nothing else.

    The page works without scripts, in print, on a telephone, in light and dark. All
    text from data is escaped, addresses become links only where they are web
    addresses, and a content security policy keeps the page from loading or running
    anything it does not carry. The same findings give the same text.

    Parameters
    ----------
    findings : sequence of Finding
    title : str
    pooled : sequence of PooledFinding
        Sets of trials that are shown pooled, with their flagged trials and without.
    pairs : sequence of PrintedLeaveOut
        Pools that were printed with and without some trials.

    Returns
    -------
    str

    Examples
    --------
    >>> page = to_html([])
    >>> page.startswith("<!doctype html>"), "0 claims" in page
    (True, True)
    """
    # jinja2 is needed for nothing else and takes longer to load than the audit.
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def safe(value: object) -> object:
        """Take control characters out of text from data; markup is ours."""
        if isinstance(value, str) and not isinstance(value, Markup):
            return printable(value)
        return value

    environment = Environment(
        loader=PackageLoader("k2stats.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=safe,
    )
    environment.filters["link"] = lambda address: Markup(link(address))
    environment.filters["markup"] = Markup
    views = finding_views(findings)
    keys = [*(f.of.key for f in pooled), *(p.key for p in pairs)]
    names = anchors(keys, "pool")
    tally = counts(findings)
    shares = [Share(g.label, tally[g.key], f"k2-{g.key}") for g in GROUPS]
    script = _resource("page.js")
    return environment.get_template("page.html").render(
        title=title,
        version=__version__,
        views=views,
        sources=by_source(views),
        methods=methods_used(findings),
        pooled=[pooled_view(f, a) for f, a in zip(pooled, names, strict=False)],
        pairs=[
            pair_view(p, a) for p, a in zip(pairs, names[len(pooled) :], strict=True)
        ],
        groups=GROUPS,
        counts=tally,
        flips=sum(f.flips for f in findings),
        chart=Markup(share_bar(shares, title="Claims by verdict", style=False)),
        style=Markup(STYLE + _resource("page.css")),
        script=Markup(script),
        script_hash=_hash(script),
    )


def write_report(
    findings: Sequence[Finding],
    path: str | os.PathLike[str],
    *,
    title: str = TITLE,
    pooled: Sequence[PooledFinding] = (),
    pairs: Sequence[PrintedLeaveOut] = (),
) -> Path:
    """Write :func:`to_html` to `path`, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written; what was there stays.
    """
    page = to_html(findings, title=title, pooled=pooled, pairs=pairs)
    return write_text(path, page)


def _resource(name: str) -> str:
    """Return a file of the template folder."""
    folder = resources.files("k2stats.report").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """Return what a content security policy knows an inline script by."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
