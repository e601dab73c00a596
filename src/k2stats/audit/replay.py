"""Run saved findings again and say what changed."""

import json
import math
from typing import Any

from k2stats.audit.auditor import audit
from k2stats.errors import ClaimFileError

_RELATIVE = 1e-9


def replay(text: str, *, name: str = "findings.json") -> list[str]:
    """Audit the claims of a saved JSON again and list every difference.

    Parameters
    ----------
    text : str
        What :meth:`~k2stats.audit.findings.Findings.to_json` gave.
    name : str
        Name of the file in errors.

    Returns
    -------
    list of str
        One line a difference - a verdict, a method added or gone, a method's
        version, a value that moved by more than one part in 10**9; empty where
        everything repeats.

    Raises
    ------
    ClaimFileError
        If the text is not a saved audit.
    """
    from k2stats.evidence.claim_files import claims_from_dicts

    try:
        saved = json.loads(text)
        rows = saved["findings"]
        alpha = float(saved["alpha"])
        written = [row["claim"] for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ClaimFileError(
            file=name, field="", requirement="must be findings saved as JSON"
        ) from None
    again = audit(claims_from_dicts(written, name=name), alpha=alpha)
    now = json.loads(again.to_json())["findings"]
    return [
        f"{old['claim']['id']}: {line}"
        for old, new in zip(rows, now, strict=True)
        for line in _differences(old, new)
    ]


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    lines = []
    if old["verdict"] != new["verdict"]:
        lines.append(f"verdict was {old['verdict']!r}, is {new['verdict']!r}")
    was, now = _methods(old), _methods(new)
    lines += [f"{key} is gone" for key in was if key not in now]
    lines += [f"{key} is new" for key in now if key not in was]
    for key in was.keys() & now.keys():
        a, b = was[key], now[key]
        if a["version"] != b["version"]:
            lines.append(f"{key} was version {a['version']}, is {b['version']}")
        lines += [
            f"{key} {end} was {a[end]}, is {b[end]}"
            for end in ("estimate", "low", "high")
            if end in a and not _same(a[end], b.get(end))
        ]
    return sorted(lines)


def _methods(finding: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"check {k} {check['kind']} {row['method']}": row
        for k, check in enumerate(finding["checks"])
        for row in (*check["points"], *check["bars"])
    }


def _same(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=1e-300)
    return a == b
