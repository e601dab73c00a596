"""The audit finds what it should: random counts, a random named test, their print."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from k2stats.audit import Verdict, audit
from k2stats.evidence import Claim, PrintedTwoByTwo, PValue, Reported, Source, TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS

SOURCE = Source("made-up", "Counts drawn at random")


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    n1, n2 = draw(st.integers(3, 60)), draw(st.integers(3, 60))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


@settings(deadline=None, max_examples=60)
@given(table=counts(), name=st.sampled_from(sorted(TWO_BY_TWO_TESTS)))
def test_counts_and_test_are_always_found(
    table: tuple[int, int, int, int], name: str
) -> None:
    events1, n1, events2, n2 = table
    truth = TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
    p = float(TWO_BY_TWO_TESTS[name].function(truth).p[0])
    assume(np.isfinite(p) and p >= 0.00005)
    claim = Claim(
        "random",
        SOURCE,
        "nowhere",
        "nothing",
        PrintedTwoByTwo(
            n1=n1,
            percent1=Reported(f"{100 * events1 / n1:.2f}%"),
            n2=n2,
            percent2=Reported(f"{100 * events2 / n2:.2f}%"),
        ),
        (PValue(Reported(f"{p:.4f}")),),
    )
    finding = audit(claim)[0]
    assert finding.verdict in (Verdict.REPRODUCED, Verdict.REPRODUCED_ONLY)
    assert finding.feasible is not None
    found = {
        (int(a), int(c))
        for a, c in zip(finding.feasible.a, finding.feasible.c, strict=True)
    }
    assert (events1, events2) in found
    matching = {p.name for c in finding.checks for p in c.points if p.matches}
    assert name in matching
    assert finding.conflict == ()
