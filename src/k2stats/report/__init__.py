"""Findings as one document."""

from k2stats.report.as_json import findings_json, pair_dict, pooled_dict
from k2stats.report.document import to_html, write_report
from k2stats.report.groups import GROUPS, Group, group_of
from k2stats.report.pooled_terminal import print_pair, print_pooled
from k2stats.report.terminal import print_finding, print_findings, tally
from k2stats.report.writing import write_bytes, write_text

__all__ = [
    "GROUPS",
    "Group",
    "findings_json",
    "group_of",
    "pair_dict",
    "pooled_dict",
    "print_finding",
    "print_findings",
    "print_pair",
    "print_pooled",
    "tally",
    "to_html",
    "write_bytes",
    "write_report",
    "write_text",
]
