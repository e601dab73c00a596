"""Findings as data: a sequence, a frame, JSON that can be replayed."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, overload

import pandas as pd

from k2stats._version import __version__
from k2stats.audit._base import BarResult, Check, Finding, PointResult
from k2stats.errors import UnknownMethodError
from k2stats.evidence.claim_dicts import claim_to_dict
from k2stats.numerics.interval import Interval
from k2stats.render import html_table, text_table

_COLUMNS = ("id", "verdict", "headline")


class Findings(Sequence[Finding]):
    """The findings of one audit, in the order of the claims.

    Parameters
    ----------
    findings : sequence of Finding
    alpha : float
        Level at which decisions were compared.
    """

    def __init__(self, findings: Sequence[Finding], *, alpha: float = 0.05) -> None:
        self._findings = tuple(findings)
        self._by_id = {f.id: f for f in self._findings}
        self.alpha = alpha

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    @overload
    def __getitem__(self, key: int | str) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> "Findings": ...
    def __getitem__(self, key: int | str | slice) -> "Finding | Findings":
        """Return by position or by claim id; a slice keeps the type."""
        if isinstance(key, str):
            if key not in self._by_id:
                raise UnknownMethodError(kind="claim", name=key, known=[*self._by_id])
            return self._by_id[key]
        if isinstance(key, slice):
            return Findings(self._findings[key], alpha=self.alpha)
        return self._findings[key]

    def to_frame(self) -> pd.DataFrame:
        """One row per claim: what was said, the verdict, what matched, what lacks."""
        rows = [
            {
                "id": f.id,
                "source": f.claim.source.key,
                "status": f.claim.source.status,
                "statement": "; ".join(str(s) for s in f.claim.states),
                "verdict": f.verdict.value,
                "matching": ", ".join(m for c in f.checks for m in c.matching),
                "tried": sum(len(c.tried) for c in f.checks),
                "flips": f.flips,
                "feasible": 0 if f.feasible is None else f.feasible.events1.size,
                "missing": "; ".join(f.missing),
                "conflict": "; ".join(f.conflict),
                "headline": f.headline,
            }
            for f in self._findings
        ]
        return pd.DataFrame(rows).set_index("id") if rows else pd.DataFrame()

    def methods_frame(self) -> pd.DataFrame:
        """One row per claim, check and method: its value beside the print."""
        return pd.DataFrame(
            [
                {"id": f.id, "check": c.kind, "quantity": c.quantity, **row}
                for f in self._findings
                for c in f.checks
                for row in (
                    *(_point_row(p) for p in c.points),
                    *(_bar_row(b) for b in c.bars),
                )
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data: claims, findings, the methods' versions."""
        return {
            "k2stats": __version__,
            "alpha": self.alpha,
            "findings": [
                {
                    "claim": claim_to_dict(f.claim),
                    "verdict": f.verdict.value,
                    "headline": f.headline,
                    "conflict": list(f.conflict),
                    "feasible": _tables(f),
                    "flips": f.flips,
                    "missing": list(f.missing),
                    "checks": [_check_row(c) for c in f.checks],
                }
                for f in self._findings
            ],
        }

    def to_json(self, *, indent: int | None = 1) -> str:
        """Return :meth:`to_dict` as strict JSON; infinities are text, NaN is null."""
        return json.dumps(
            _plain(self.to_dict()), indent=indent, ensure_ascii=False, allow_nan=False
        )

    def __str__(self) -> str:
        rows = [(f.id, f.verdict.value, f.headline) for f in self._findings]
        columns = {n: [r[k] for r in rows] for k, n in enumerate(_COLUMNS)}
        return text_table(columns)

    def __repr__(self) -> str:
        counts = pd.Series([f.verdict.value for f in self._findings]).value_counts()
        parts = ", ".join(f"{n} {v}" for v, n in counts.items())
        return f"<Findings: {len(self)} claims; {parts}>"

    def _repr_html_(self) -> str:
        rows = [(f.id, f.verdict.value, f.headline) for f in self._findings]
        return html_table({n: [r[k] for r in rows] for k, n in enumerate(_COLUMNS)})


def _interval(value: Interval | None) -> dict[str, Any] | None:
    if value is None:
        return None
    low, high = value.floats()
    return {
        "low": low,
        "high": high,
        "low_closed": value.low_closed,
        "high_closed": value.high_closed,
    }


def _point_row(point: PointResult) -> dict[str, Any]:
    low, high = point.value.floats()
    return {
        "method": point.name,
        "version": point.version,
        "label": point.label,
        "low": low,
        "high": high,
        "matches": point.matches,
        "significant": point.significant,
        "witness": point.witness,
        "note": point.note,
        "reference": point.reference,
    }


def _bar_row(bar: BarResult) -> dict[str, Any]:
    return {
        "method": bar.name,
        "version": bar.version,
        "label": bar.label,
        "estimate": bar.estimate,
        "low": bar.low,
        "high": bar.high,
        "matches": bar.matches,
        "significant": bar.excludes_null,
        "witness": bar.witness,
        "note": "",
        "reference": bar.reference,
    }


def _check_row(check: Check) -> dict[str, Any]:
    return {
        "kind": check.kind,
        "statement": check.statement,
        "quantity": check.quantity,
        "verdict": check.verdict.value,
        "explanation": check.explanation,
        "reported": _interval(check.reported),
        "recomputed": _interval(check.recomputed),
        "alpha": check.alpha,
        "flips": check.flips,
        "missing": list(check.missing),
        "points": [_point_row(p) for p in check.points],
        "bars": [_bar_row(b) for b in check.bars],
    }


def _tables(finding: Finding, most: int = 1000) -> dict[str, Any] | None:
    tables = finding.feasible
    if tables is None:
        return None
    fields = ("events1", "n1", "events2", "n2")
    rows = [[int(x) for x in getattr(tables, f)[:most]] for f in fields]
    return {"count": int(tables.events1.size), **dict(zip(fields, rows, strict=True))}


def _plain(value: Any) -> Any:
    """Replace what JSON has no word for: NaN by null, infinities by text."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value
