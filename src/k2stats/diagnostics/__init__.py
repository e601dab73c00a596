"""What one study, or the missing ones, do to a result.

Influence and outliers, small-study effects, selection for significance.
"""

# Each of these modules registers its tests as it is imported.
from k2stats.diagnostics import (  # noqa: F401
    count_regressions,
    egger,
    rank_tests,
)
