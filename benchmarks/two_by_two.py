"""Tests of 2x2 tables: k2stats beside scipy and statsmodels, in one run.

    python -m benchmarks.two_by_two

Each row is the median of a few repeats, the libraries taking turns. Unconditional
tests are timed without their cache.
"""

import statistics
from collections.abc import Callable
from time import perf_counter

import numpy as np
from scipy import stats
from statsmodels.stats import proportion

from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS, _worst_case

TABLES = 100_000
FISHER_SAMPLE = 300
STATSMODELS_SAMPLE = 300
BARNARD_SIZES = (20, 50, 100)
TARGET_CLOSED_FORM, TARGET_UNCONDITIONAL = 1.0, 0.5
"""Seconds: all closed-form tests on 100,000 tables; one test at 500 a group."""


def random_tables(count: int, largest: int = 300) -> TwoByTwo:
    """Return tables of 10 to `largest` a group with risks .3 and .4."""
    rng = np.random.default_rng(1)
    n1, n2 = rng.integers(10, largest, (2, count))
    return TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.3), n1=n1, events2=rng.binomial(n2, 0.4), n2=n2
    )


def seconds(*work: Callable[[], object], repeats: int = 3) -> list[float]:
    """Return the median seconds of each, taking turns."""
    found: list[list[float]] = [[] for _ in work]
    for _ in range(repeats):
        for run, times in zip(work, found, strict=True):
            start = perf_counter()
            run()
            times.append(perf_counter() - start)
    return [statistics.median(times) for times in found]


def solve(name: str, tables: TwoByTwo) -> object:
    """Run one test, remembering nothing."""
    for remembered in (
        _worst_case.p_greater,
        _worst_case.p_two_sided,
        _worst_case.p_doubled,
    ):
        remembered.cache_clear()
    return TWO_BY_TWO_TESTS[name].function(tables).p


def closed_form(tables: TwoByTwo) -> None:
    """Run every closed-form test."""
    for entry in TWO_BY_TWO_TESTS.entries(having="closed-form"):
        entry.function(tables).p  # noqa: B018 - computed when asked for


def line(what: str, ours: float, theirs: float, peer: str) -> str:
    """One comparison, per table."""
    ratio = theirs / ours
    return (
        f"{what:44s} {ours * 1e3:10.4f} ms {theirs * 1e3:10.4f} ms {peer:12s} "
        f"{ratio:8.1f} times"
    )


def batches() -> list[str]:
    """Tests on arrays of tables, beside loops over their peers' functions."""
    tables = random_tables(TABLES)
    whole, exact = seconds(lambda: closed_form(tables), lambda: solve("fisher", tables))
    count = len(TWO_BY_TWO_TESTS.entries(having="closed-form"))
    lines = [
        f"all {count} closed-form tests on {TABLES:,} tables: {whole:.2f} s "
        f"(target {TARGET_CLOSED_FORM:g} s), {TABLES / whole:,.0f} tables per second"
    ]
    cells = np.stack(tables.cells, axis=1).astype(int).reshape(-1, 2, 2).tolist()
    events = np.stack([tables.a, tables.n1, tables.c, tables.n2], axis=1).tolist()

    def loop_fisher() -> None:
        for table in cells[:FISHER_SAMPLE]:
            stats.fisher_exact(table)

    def loop_statsmodels(method: str) -> Callable[[], None]:
        def loop() -> None:
            for row in events[:STATSMODELS_SAMPLE]:
                proportion.test_proportions_2indep(*row, method=method, compare="diff")

        return loop

    (theirs,) = seconds(loop_fisher)
    lines.append(
        line("Fisher, a table", exact / TABLES, theirs / FISHER_SAMPLE, "scipy")
    )
    for name, method in (("wald-rd", "wald"), ("agresti-caffo", "agresti-caffo")):
        test = TWO_BY_TWO_TESTS[name].function
        ours, theirs = seconds(lambda t=test: t(tables).p, loop_statsmodels(method))
        lines.append(
            line(
                f"{name}, a table",
                ours / TABLES,
                theirs / STATSMODELS_SAMPLE,
                "statsmodels",
            )
        )
    return lines


def unconditional() -> list[str]:
    """Barnard and Boschloo on one table of each size."""
    lines = []
    for n in BARNARD_SIZES:
        a, c = round(0.6 * n), round(0.42 * n)
        table = TwoByTwo.from_counts(events1=a, n1=n, events2=c, n2=n)
        columns = [[a, c], [n - a, n - c]]  # scipy's groups are the columns
        for name, peer in (
            ("barnard", stats.barnard_exact),
            ("boschloo-doubled", stats.boschloo_exact),
        ):
            ours, theirs = seconds(
                lambda name=name, t=table: solve(name, t),
                lambda peer=peer, columns=columns: peer(columns),
            )
            lines.append(line(f"{name}, {n} a group", ours, theirs, "scipy"))
    tables = {
        "300 v 260": TwoByTwo.from_counts(events1=300, n1=500, events2=260, n2=500),
        "10 v 25": TwoByTwo.from_counts(events1=10, n1=500, events2=25, n2=500),
        "499 v 1": TwoByTwo.from_counts(events1=499, n1=500, events2=1, n2=500),
    }
    for what, table in tables.items():
        for name in ("barnard", "barnard-unpooled", "boschloo", "boschloo-doubled"):
            (ours,) = seconds(lambda name=name, t=table: solve(name, t))
            lines.append(
                f"{name}, 500 a group, {what}: {ours:.3f} s "
                f"(target {TARGET_UNCONDITIONAL:g} s)"
            )
    return lines


def main() -> str:
    """Time everything and return the lines."""
    head = f"{'':44s} {'k2stats':>13s} {'peer':>13s}"
    return "\n".join([head, *batches(), *unconditional()])


if __name__ == "__main__":
    print(main())
