"""Findings with their robustness, and pooled sets, as strict JSON."""

import math
from collections.abc import Sequence
from typing import Any

from k2stats.audit import Findings
from k2stats.audit.pooled_findings import PooledFinding, PooledFit
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut, implied
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.audit.robustness import robustness
from k2stats.evidence import Source
from k2stats.render import json_text


def findings_json(
    findings: Findings,
    pooled: Sequence[PooledFinding] = (),
    pairs: Sequence[PrintedLeaveOut] = (),
) -> str:
    r"""Return findings as JSON, each with what it would take to change it.

    What :func:`k2stats.audit.replay` reads is as :meth:`Findings.to_json` has it;
    added to it are ``robustness`` of each finding (null where nothing is asked), and
    ``pooled_sets`` and ``printed_leave_outs`` where they are given.

    Parameters
    ----------
    findings : Findings
    pooled : sequence of PooledFinding
    pairs : sequence of PrintedLeaveOut

    Examples
    --------
    >>> findings_json(Findings([]))[:15]
    '{\n "k2stats": "'
    """
    whole = findings.to_dict()
    for row, finding in zip(whole["findings"], findings, strict=True):
        found = robustness(finding)
        row["robustness"] = None if found is None else found.to_dict()
    if pooled:
        whole["pooled_sets"] = [pooled_dict(f) for f in pooled]
    if pairs:
        whole["printed_leave_outs"] = [pair_dict(p) for p in pairs]
    return json_text(whole)


def pooled_dict(found: PooledFinding) -> dict[str, Any]:
    """Return one pooled set as plain data."""
    of = found.of
    return {
        "key": of.key,
        "title": of.title,
        "outcome": of.outcome,
        "member": of.member,
        "measure": of.symbol,
        "trials": [_trial(t) for t in of.trials],
        "fits": [_fit(f) for f in found.fits],
        "leave_one_out": [_fit(f) for f in found.one_out],
        "printed": [
            {
                "ratio": str(p.ratio),
                "source": p.source.key,
                "same_trials": p.same_trials,
                "note": p.note,
            }
            for p in of.prints
        ],
        "reproduced": [
            {
                "ratio": str(c.print.ratio),
                "tried": c.tried,
                "matching": list(c.matching),
            }
            for c in found.checks
        ],
        "models": [
            {
                "members": r.members,
                "tried": r.tried,
                "significant": r.significant,
                "low": r.low,
                "high": r.high,
            }
            for r in found.ranges
        ],
        "moves_most": found.moves_most,
        "interaction_p": None if math.isnan(found.interaction) else found.interaction,
        "trend_p": None if math.isnan(found.trend) else found.trend,
        "printed_interaction_p": (
            None if of.interaction_p is None else of.interaction_p.text
        ),
        "missing": list(of.missing),
        "caution": of.caution,
    }


def pair_dict(pair: PrintedLeaveOut) -> dict[str, Any]:
    """Return one pool that was printed twice as plain data."""
    out = implied(pair)
    return {
        "key": pair.key,
        "title": pair.title,
        "outcome": pair.outcome,
        "before": str(pair.before),
        "after": str(pair.after),
        "sources": [_source(pair.source_before), _source(pair.source_after)],
        "left_out": pair.left_out,
        "trials": [_source(s) for s in pair.trials],
        "implied": {
            "share": out.share,
            "share_low": out.share_low,
            "share_high": out.share_high,
            "ratio": out.estimate,
            "low": out.low,
            "high": out.high,
        },
        "missing": list(pair.missing),
    }


def _trial(trial: PooledTrial) -> dict[str, Any]:
    return {
        "label": trial.label,
        "source": _source(trial.source),
        "flagged": trial.flagged,
        "kind": trial.kind,
        "y": trial.y,
        "v": trial.v,
        "printed": trial.printed,
        "basis": trial.basis,
        "outcome": trial.outcome,
        "counts": None if trial.counts is None else list(trial.counts),
    }


def _source(source: Source) -> dict[str, str]:
    return {
        "key": source.key,
        "citation": source.citation,
        "address": source.address,
        "status": source.status,
        "notice": source.notice,
    }


def _fit(fit: PooledFit) -> dict[str, Any]:
    return {
        "model": fit.model,
        "members": fit.members,
        "k": fit.k,
        "estimate": fit.estimate,
        "low": fit.low,
        "high": fit.high,
        "p": fit.p,
        "tau2": fit.tau2,
        "I2": fit.i2,
        "Q": fit.q,
        "Q_p": fit.q_p,
    }
