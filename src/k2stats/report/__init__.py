"""Findings as one document."""

from k2stats.report.document import to_html, write_report
from k2stats.report.groups import GROUPS, Group, group_of
from k2stats.report.terminal import print_finding, print_findings, tally
from k2stats.report.writing import write_bytes, write_text

__all__ = [
    "GROUPS",
    "Group",
    "group_of",
    "print_finding",
    "print_findings",
    "tally",
    "to_html",
    "write_bytes",
    "write_report",
    "write_text",
]
