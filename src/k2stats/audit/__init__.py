"""Claims in, findings out: what holds, under which method, and what is missing."""

from k2stats.audit._base import BarResult, Check, Finding, PointResult, Verdict
from k2stats.audit._checks import CHECKS
from k2stats.audit.auditor import audit
from k2stats.audit.findings import Findings
from k2stats.audit.identify import Identification, identify
from k2stats.audit.joint import Solution, solve
from k2stats.audit.pooled_findings import PooledFinding, pooled_finding
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut, implied
from k2stats.audit.pooled_sets import PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.audit.replay import replay
from k2stats.audit.robustness import Robustness, robustness

__all__ = [
    "CHECKS",
    "BarResult",
    "Check",
    "Finding",
    "Findings",
    "Identification",
    "PointResult",
    "PooledFinding",
    "PooledSet",
    "PooledTrial",
    "PrintedLeaveOut",
    "Robustness",
    "Solution",
    "Verdict",
    "audit",
    "identify",
    "implied",
    "pooled_finding",
    "replay",
    "robustness",
    "solve",
]
