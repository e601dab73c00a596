"""Claims in, findings out: what holds, under which method, and what is missing."""

from k2stats.audit._base import BarResult, Check, Finding, PointResult, Verdict
from k2stats.audit._checks import CHECKS
from k2stats.audit.auditor import audit
from k2stats.audit.findings import Findings
from k2stats.audit.identify import Identification, identify
from k2stats.audit.joint import Solution, solve
from k2stats.audit.replay import replay

__all__ = [
    "CHECKS",
    "BarResult",
    "Check",
    "Finding",
    "Findings",
    "Identification",
    "PointResult",
    "Solution",
    "Verdict",
    "audit",
    "identify",
    "replay",
    "solve",
]
