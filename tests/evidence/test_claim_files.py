"""Claim files: what is read, what is refused and how, and the way back."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from k2stats.errors import ClaimFileError, InvalidEvidenceError
from k2stats.evidence import (
    ChiSquared,
    Claim,
    Correlation,
    Derived,
    Direction,
    Evidence,
    Horizon,
    MediansWithP,
    NumberNeeded,
    PairedMeans,
    PairedRows,
    PrintedTwoByTwo,
    PrintedTwoMeans,
    Printing,
    PValue,
    Qualitative,
    RatioCI,
    RatioWithCI,
    Reported,
    SameQuantity,
    Source,
    Statement,
    TwoByTwo,
    TwoMeans,
)
from k2stats.evidence.claim_dicts import EVIDENCE_TYPES, STATEMENT_TYPES
from k2stats.evidence.claim_files import (
    LARGEST_FILE,
    claim_to_dict,
    claims_from_dicts,
    claims_from_text,
    claims_to_dict,
    claims_to_json,
    read_claims,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "fusion.toml"

HEAD = """
[sources.wang2025]
citation = "Wang 2025"

[[claims]]
id = "fusion"
source = "wang2025"
locator = "Abstract"
quote = "P = .044"
"""


def refusal(text: str, format: Literal["toml", "json"] = "toml") -> ClaimFileError:
    """Return the error that reading `text` raises."""
    with pytest.raises(ClaimFileError) as caught:
        claims_from_text(text, format, f"claims.{format}")
    return caught.value


def evidence_refusal(body: str) -> str:
    """Return the message for a claim with this evidence table."""
    return str(refusal(f"{HEAD}[claims.evidence]\n{body}"))


def states_refusal(body: str) -> str:
    """Return the message for a claim with this statement."""
    return str(refusal(f"{HEAD}[[claims.states]]\n{body}"))


# --- reading -------------------------------------------------------------------


def test_the_example_is_the_trial_as_printed() -> None:
    # Wang 2025, Sci Rep 15:15422, abstract.
    patients, fusion, p1np = read_claims(EXAMPLE)
    assert fusion.source.key == "wang2025"
    assert fusion.source.status == "abstract"
    assert fusion.evidence == PrintedTwoByTwo(
        n1=36,
        percent1=Reported("91.67%"),
        n2=35,
        percent2=Reported("74.29%"),
        outcome="complete fusion",
        group1="vitamin K2, D3 and calcium",
        group2="vitamin D3 and calcium",
        horizon=Horizon(Reported("6"), "mo"),
    )
    assert str(fusion.evidence.feasible()) == "33/36 v 26/35"
    assert fusion.states[0] == PValue(Reported("0.044"))
    assert isinstance(fusion.states[1], Direction)
    assert isinstance(patients.states[0], Derived)
    assert p1np.needs == ("mean and SD of P1NP in each group", "the test used")


def test_digits_are_kept() -> None:
    text = HEAD + 'states = { type = "p_value", value = "0.040" }'
    (claim,) = claims_from_text(text, "toml")
    assert claim.states == (PValue(Reported("0.040")),)
    assert claim.states != (PValue(Reported("0.04")),)


def test_a_claim_may_carry_its_sources_and_retell() -> None:
    text = """{"claims": [{"id": "a", "locator": "p. 3", "quote": "q",
        "source": {"key": "review", "citation": "A review", "status": "secondary"},
        "by": {"key": "trial", "citation": "A trial"}, "evidence": null}]}"""
    (claim,) = claims_from_text(text, "json")
    assert claim.source == Source("review", "A review", status="secondary")
    assert claim.by == Source("trial", "A trial")


def test_html_in_a_quote_stays_text() -> None:
    quote = "<script>alert('x')</script> & <b>bold</b>"
    text = HEAD.replace('"P = .044"', f'"{quote}"')
    assert claims_from_text(text, "toml")[0].quote == quote


def test_a_unit_for_all_pairs() -> None:
    text = """
    [claims.evidence]
    type = "paired_rows"
    before = [".53", { text = ".61", unit = "g/cm2" }]
    after = [".55", ".62"]
    unit = "g/cm2"
    """
    evidence = claims_from_text(HEAD + text, "toml")[0].evidence
    assert isinstance(evidence, PairedRows)
    assert {r.unit for r in (*evidence.before, *evidence.after)} == {"g/cm2"}


def test_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    file = tmp_path / "claims.TOML"
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert read_claims(file)[0].id == "fusion"


# --- refusing files ------------------------------------------------------------


def test_a_file_of_2_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    with file.open("wb") as handle:
        handle.truncate(2 * 1024**3)
    with pytest.raises(ClaimFileError, match=r"2,147\.5 MB; .* at most 10 MB"):
        read_claims(file)


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    file = tmp_path / "full.toml"
    file.write_text(HEAD + "#" * (LARGEST_FILE - len(HEAD)))
    assert len(read_claims(file)) == 1
    with file.open("a") as handle:
        handle.write("#")
    with pytest.raises(ClaimFileError, match="10 MB"):
        read_claims(file)


def test_no_regular_file(tmp_path: Path) -> None:
    folder, pipe = tmp_path / "folder.toml", tmp_path / "pipe.toml"
    folder.mkdir()
    os.mkfifo(pipe)
    for path, words in (
        (folder, "is a folder"),
        (pipe, "is no regular file"),
        (tmp_path / "none.toml", "there is no such file"),
        (tmp_path / "claims.yaml", r"must end in \.toml or \.json"),
        (tmp_path / "nul\0.toml", "cannot be read"),
        (tmp_path / ("x" * 300 + ".toml"), "cannot be read"),
    ):
        with pytest.raises(ClaimFileError, match=words):
            read_claims(path)
    with pytest.raises(ClaimFileError) as raised:
        read_claims(pipe)  # named once, and not as a failure to read
    assert str(raised.value).count("pipe.toml") == 1
    assert "cannot be read" not in str(raised.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    file.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ClaimFileError, match=r"claims\.toml: line 2: is not UTF-8"):
        read_claims(file)
    file.write_bytes(HEAD.encode() + b"\0")
    with pytest.raises(ClaimFileError, match="line 10: holds a NUL byte"):
        read_claims(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb c", "claims.toml: line 2, column 3: not valid TOML"),
        ("a = 1\na = 2", "claims.toml: line 2: not valid TOML: Cannot overwrite"),
        ('a = """\n\n', "claims.toml: line 3: not valid TOML: Unterminated string"),
        ("a = " + "[" * 100_000, "claims.toml: is nested too deeply"),
        ("a = 1" + "0" * 5000, "claims.toml: holds a whole number too long"),
        ("", "claims.toml: claims: is required"),
        ("claims = []", "claims.toml: claims: must hold at least one claim"),
        ("claims = [3]", "claims.toml: claims[0]: must be a table of fields, got 3"),
        ("claims = 'x'", "claims.toml: claims: must be a list, got 'x'"),
    ],
)
def test_text_that_is_no_toml_claim_file(text: str, message: str) -> None:
    assert str(refusal(text)).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"claims":\n [}', "claims.json: line 2, column 3: not valid JSON"),
        ("[" * 100_000, "claims.json: is nested too deeply"),
        ('{"a": NaN}', "claims.json: not valid JSON: NaN is no number"),
        ('{"a": 1, "a": 2}', "claims.json: not valid JSON: the key 'a' stands twice"),
        ('{"a": 1' + "0" * 5000 + "}", "claims.json: not valid JSON: a whole number"),
        ("[]", "claims.json: must be a table of fields, got a list"),
        ('{"claims": [{"\\ud800": 1}]}', "claims.json: claims[0]: must be text"),
    ],
)
def test_text_that_is_no_json_claim_file(text: str, message: str) -> None:
    assert str(refusal(text, "json")).startswith(message)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(ClaimFileError, match="unknown format 'tomi'; did you mean"):
        claims_from_text("", "tomi", "x")  # type: ignore[arg-type]


# --- refusing fields -----------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("value = 0.40", 'value: must be in quotes, to keep the digits as printed: "0'),
        ("value = 1", 'value: must be in quotes, to keep the digits as printed: "1"'),
        ("value = true", "value: must be a printed number in quotes, got true"),
        ('value = "p < .05"', "value: must be a printed number such as"),
        ('value = "0"', "value: must be above 0 and at most 1, got '0'"),
        ('value = "1.2"', "value: must be above 0 and at most 1, got '1.2'"),
        ('value = ".04"\ntest = 3', "test: must be text in quotes, got 3"),
        ('valeu = ".04"', "value: is required"),
        (
            'value = { text = ".04", rounding = "half-up" }',
            "value.rounding: unknown value 'half-up'; did you mean 'half_up'? Known: n",
        ),
        (
            'value = ".04"\nalternative = "grater"',
            "alternative: unknown value 'grater'; did you mean 'greater'? Known: two-",
        ),
    ],
)
def test_a_p_value_that_is_none(body: str, message: str) -> None:
    text = states_refusal(f'type = "p_value"\n{body}')
    assert text.startswith(f"claims.toml: claims[0].states[0].{message}")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("n1 = '36'", ".n1: must be a whole number without quotes, got '36'"),
        ("n1 = 36.0", ".n1: must be a whole number without quotes, got 36.0"),
        ("n1 = true", ".n1: must be a whole number without quotes, got true"),
        ("n1 = 0", ".n1: must be a whole number of at least 1, got 0"),
        ("n1 = 1" + "0" * 30, ".n1: must be less than or equal to 9007199254740992"),
        ("n1 = 3\nevents1 = 4", ".events1: must be at most n1 = 3, got 4"),
        ("n1 = 3\npercent1 = '91.67'", ".percent1: must be a share between 0 and 1, o"),
        ("n1 = 3\npercent1 = 91.67", ".percent1: must be in quotes, to keep the digi"),
        ("n1 = 3\nhorizon = '7y'", ".horizon: must be a length and a unit (d, wk, mo"),
        ("n1 = 3\nhorizon = '7 yr'", ".horizon.unit: unknown value 'yr'; did you mea"),
        ("n1 = 3\nhorizon = '-7 y'", ".horizon: horizon must be positive, got '-7'"),
        ("events1 = 3", ".n1: must be given, or n_total for both groups"),
    ],
)
def test_a_table_that_is_none(body: str, message: str) -> None:
    text = evidence_refusal(f'type = "two_by_two"\nn2 = 35\n{body}')
    assert text.startswith(f"claims.toml: claims[0].evidence{message}")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("estimate = '2.0'", ".estimate: must be inside its interval 1.02 to 1.34, go"),
        ("estimate = '<2'", ".estimate: must be a number, not a bound, got '<2'"),
        ("estimate = '1.17'\nlevel = 95", ".level: must be between 0 and 1, got 95"),
        ("estimate = '1.17'\nlevel = nan", ".level: must be a finite number, got nan"),
        ("estimate = '1.17'\nlevel = '.95'", ".level: must be a number without quote"),
    ],
)
def test_a_ratio_that_is_none_as_evidence_and_as_statement(
    body: str, message: str
) -> None:
    shared = f'kind = "HR"\nlow = "1.02"\nhigh = "1.34"\n{body}'
    text = evidence_refusal(f'type = "ratio"\n{shared}')
    assert text.startswith(f"claims.toml: claims[0].evidence{message}")
    text = states_refusal(f'type = "ratio_ci"\n{shared}')
    assert text.startswith(f"claims.toml: claims[0].states[0]{message}")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("events1 = [40, 3]\nn1 = 36", ".events1: must be at most n1, got 40.0; viol"),
        ("events1 = [1, [2]]\nn1 = 36", ".events1: must be lists of one length"),
        ("events1 = [1, 2]\nn1 = [[3], [4]]", ": events1, n1, events2, n2 must be of"),
        ("events1 = [1, true]\nn1 = 36", ".events1: must be numbers without quotes,"),
        ("events1 = 1\nn1 = 9007199254740993", ".n1: must be at most 2**53"),
        ("events1 = [[[[[[[[[1]]]]]]]]]\nn1 = 2", ".events1: must be nested at most 8"),
        ("events1 = []\nn1 = 2", ": events1, n1, events2, n2 must be non-empty"),
    ],
)
def test_counts_that_are_none(body: str, message: str) -> None:
    text = evidence_refusal(f'type = "two_by_two_counts"\nevents2 = 1\nn2 = 2\n{body}')
    assert text.startswith(f"claims.toml: claims[0].evidence{message}")


def test_types_are_named() -> None:
    text = evidence_refusal('type = "two_by_tow"')
    assert (
        "evidence.type: unknown type 'two_by_tow'; did you mean 'two_by_two'?" in text
    )
    assert all(name in text for name in EVIDENCE_TYPES)
    text = states_refusal("type = 3")
    assert "states[0].type: must be one of p_value, chi_squared, ratio_ci" in text
    text = states_refusal('type = "two_by_two"')
    assert "'two_by_two' stands under evidence, not here" in text
    text = states_refusal('typ = "p_value"')
    assert "type: is required (is 'typ' meant as that?)" in text
    assert all(name in text for name in STATEMENT_TYPES)


def test_unknown_fields_are_named_with_a_close_match() -> None:
    error = refusal(HEAD + '[claims.evidnce]\ntype = "two_by_two"')
    assert error.file == "claims.toml"
    assert error.field == "claims[0].evidnce"
    assert error.requirement.startswith("unknown field 'evidnce'; did you mean 'evide")
    error = refusal(HEAD.replace("citation", "citaton"))
    assert [e.field for e in error.problems] == [
        "sources.wang2025.citation",
        "sources.wang2025.citaton",
    ]


def test_all_errors_of_a_file_a_line_each_with_its_claim() -> None:
    text = HEAD.replace('id = "fusion"', 'id = "a\\tb"') + (
        '[claims.evidence]\ntype = "correlation"\nn = 3.5\n'
        '[[claims]]\nid = "two"\nsource = "wang2052"\nlocator = ""\nquote = " "\n'
    )
    error = refusal(text)
    assert [(e.field, e.requirement[-14:]) for e in error.problems] == [
        ("claims[0].evidence.r", r"(claim 'a\tb')"),
        ("claims[0].evidence.n", r"(claim 'a\tb')"),
        ("claims[1].quote", " (claim 'two')"),
        ("claims[1].source", " (claim 'two')"),
    ]
    assert "unknown source 'wang2052'; did you mean 'wang2025'?" in str(error)
    assert str(error).split("\n") == [
        f"{e.file}: {e.field}: {e.requirement}" for e in error.problems
    ]


def test_at_most_twenty_errors_are_listed() -> None:
    error = refusal(HEAD + "[[claims.states]]\ntype = 'x'\n" * 23)
    assert len(error.problems) == 21
    assert str(error).endswith("claims.toml: and 3 more errors")


def test_an_id_used_twice_names_both_places() -> None:
    second = HEAD[HEAD.index("[[claims]]") :]
    error = refusal(HEAD + second)
    assert error.field == "claims[1].id"
    assert error.requirement == "must be unique, but 'fusion' is also claims[0].id"


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    escape = "\\u001b[31m"
    error = refusal(f'["{escape}\\n"]\nx = 1\n[[claims]]\n"{escape}" = "{escape}"')
    assert "\x1b" not in str(error)
    assert len(str(error).split("\n")) == len(error.problems)


def test_a_nul_written_as_an_escape_is_refused() -> None:
    text = json.dumps({"claims": [{"id": "a\0", "locator": "", "quote": "q"}]})
    assert "claims[0].id: must hold no NUL character" in str(refusal(text, "json"))


def test_a_saved_claim_without_its_source() -> None:
    with pytest.raises(ClaimFileError, match=r"claims\[0\]\.source: unknown source"):
        claims_from_dicts([{"id": "a", "source": "w", "locator": "", "quote": "q"}])


# --- the way back --------------------------------------------------------------

letters = st.characters(codec="utf-8", exclude_characters="\0")
words = st.text(letters, max_size=12)
filled = words.filter(str.strip)
shares = st.integers(0, 10_000).map(lambda k: f"{k / 100:.2f}%")
decimals = st.decimals(1, 900, places=2).map(str)
roundings = st.sampled_from(["nearest", "half_up", "truncate", "ceiling"])


def prints(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Reported]:
    """Return printed numbers, most of them bare."""
    return st.one_of(
        texts.map(Reported),
        st.builds(Reported, texts, words, roundings, st.booleans()),
    )


numbers = prints(decimals)
sizes = st.integers(2, 2**53)
horizons = st.builds(
    Horizon,
    st.one_of(numbers, prints(decimals.map(" {} ".format))),
    st.sampled_from(["d", "wk", "mo", "y"]),
)
levels = st.floats(0.5, 0.999)


@st.composite
def printed_tables(draw: st.DrawFn) -> PrintedTwoByTwo:
    """Return any mixture of counts, percentages and totals."""
    n1, n2 = draw(sizes), draw(sizes)
    total = draw(st.booleans())
    n = {"n_total": n1 + n2} if total and n1 + n2 <= 2**53 else {"n1": n1, "n2": n2}
    return PrintedTwoByTwo(
        **n,
        events1=draw(st.none() | st.integers(0, n1)),
        events2=draw(st.none() | st.integers(0, n2)),
        percent1=draw(st.none() | prints(shares)),
        percent2=draw(st.none() | prints(shares)),
        events_total=draw(st.none() | st.integers(0, 2**53)),
        outcome=draw(words),
        group1=draw(words),
        group2=draw(words),
        horizon=draw(st.none() | horizons),
    )


@st.composite
def ratios(draw: st.DrawFn) -> RatioWithCI:
    """Return ratios inside their intervals."""
    low, estimate, high = sorted(draw(st.tuples(*[st.integers(1, 500)] * 3)))
    printed = [draw(prints(st.just(f"{k / 100:.2f}"))) for k in (estimate, low, high)]
    return RatioWithCI(
        draw(st.sampled_from(["RR", "OR", "HR"])),
        estimate=printed[0],
        low=printed[1],
        high=printed[2],
        level=draw(levels),
        outcome=draw(words),
        group1=draw(words),
        group2=draw(words),
        horizon=draw(st.none() | horizons),
    )


@st.composite
def stacks(draw: st.DrawFn, names: tuple[str, ...], most: float) -> dict[str, Any]:
    """Return float arrays of one shape; those named n hold whole numbers."""
    shape = draw(array_shapes(max_dims=3, max_side=3))
    whole = st.integers(2, 2**53).map(float)
    real = st.floats(-most, most, allow_nan=False)
    return {
        name: draw(arrays(float, shape, elements=whole if name[0] == "n" else real))
        for name in names
    }


@st.composite
def counts(draw: st.DrawFn) -> TwoByTwo:
    """Return stacks of tables."""
    sizes = draw(stacks(("n1", "n2"), 0.0))
    share = draw(st.floats(0, 1))
    return TwoByTwo.from_counts(
        events1=np.floor(sizes["n1"] * share), events2=np.zeros(()), **sizes
    )


two_means = stacks(("mean1", "sd1", "n1", "mean2", "sd2", "n2"), 1e300).map(
    lambda a: TwoMeans.from_summary(
        **{k: np.abs(v) if k.startswith("sd") else v for k, v in a.items()}
    )
)
paired_means = stacks(("mean_difference", "sd_difference", "n"), 1e-300).map(
    lambda a: PairedMeans.from_summary(**a | {"sd_difference": abs(a["sd_difference"])})
)


@st.composite
def paired_rows(draw: st.DrawFn) -> PairedRows:
    """Return pairs in one unit."""
    k, unit = draw(st.integers(1, 4)), draw(words)

    def side() -> tuple[Reported, ...]:
        drawn = draw(st.lists(numbers, min_size=k, max_size=k))
        return tuple(dataclasses.replace(r, unit=unit) for r in drawn)

    labels = draw(st.just(()) | st.tuples(*[words] * k))
    return PairedRows(side(), side(), labels, draw(words))


printed_means = st.builds(
    PrintedTwoMeans,
    *(numbers, numbers, sizes) * 2,
    st.sampled_from(["sd", "se", "unknown"]),
    *[words] * 3,
)
medians = st.builds(
    MediansWithP, *(numbers, sizes) * 2, st.none() | numbers, *[words] * 3
)
correlations = st.builds(
    Correlation,
    prints(st.decimals(-1, 1, places=2).map(str)),
    st.integers(4, 2**53),
    words,
)

evidences: dict[str, st.SearchStrategy[Evidence]] = {
    "two_by_two": printed_tables(),
    "two_by_two_counts": counts(),
    "two_means": printed_means,
    "two_means_numbers": two_means,
    "paired_rows": paired_rows(),
    "paired_means": paired_means,
    "medians": medians,
    "ratio": ratios(),
    "correlation": correlations,
}

printings = st.builds(Printing, numbers, words)
pairs = st.tuples(printings, printings)
statements: dict[str, st.SearchStrategy[Statement]] = {
    "p_value": st.builds(
        PValue,
        prints(st.integers(1, 999).map(lambda k: f"<.{k:03d}")),
        st.sampled_from(["two-sided", "greater", "less"]),
        words,
    ),
    "chi_squared": st.builds(
        ChiSquared,
        prints(st.integers(0, 9999).map(lambda k: f"{k / 100:.2f}")),
        st.none() | prints(st.integers(1, 999).map(lambda k: f"<.{k:03d}")),
        st.none() | st.integers(1, 20),
    ),
    "ratio_ci": ratios().map(RatioCI),
    "number_needed": st.builds(
        NumberNeeded,
        st.sampled_from(["NNT", "NNH"]),
        numbers,
        st.none() | horizons,
        st.none() | numbers,
        st.none() | numbers,
    ),
    "same_quantity": st.builds(SameQuantity, words, pairs),
    "derived": st.builds(
        Derived,
        st.sampled_from(["mean", "sum", "difference", "percentage", "fold", "maximum"]),
        numbers,
        pairs,
        words,
    ),
    "direction": st.builds(
        Direction,
        st.sampled_from(["higher", "lower", "no difference"]),
        st.none() | st.booleans(),
        levels,
        words,
    ),
    "qualitative": st.builds(Qualitative, words, st.lists(words).map(tuple)),
}

sources = st.builds(
    Source,
    st.sampled_from(["a", "b", "a b", ""]),
    words,
    words,
    st.sampled_from(["published", "retracted", "secondary"]),
    words,
)


def claims_with(
    evidence: st.SearchStrategy[Evidence | None],
    states: st.SearchStrategy[tuple[Statement, ...]],
) -> st.SearchStrategy[list[Claim]]:
    """Return claims about this evidence that state this, with unique ids."""
    claim = st.builds(
        Claim,
        id=filled,
        source=sources,
        locator=words,
        quote=filled,
        evidence=evidence,
        states=states,
        by=st.none() | sources,
        needs=st.lists(words, max_size=2).map(tuple),
        note=words,
    )
    return st.lists(claim, min_size=1, max_size=3, unique_by=lambda c: c.id)


def same(one: object, other: object) -> bool:
    """Whether two values are equal in every field and every bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return all(same(getattr(one, k), getattr(other, k)) for k in names)
    return one == other


def check_round_trip(claims: list[Claim]) -> None:
    """Assert that text and dicts give the same claims again."""
    assert same(claims_from_text(claims_to_json(claims), "json"), tuple(claims))
    saved = json.loads(json.dumps([claim_to_dict(claim) for claim in claims]))
    assert same(claims_from_dicts(saved), tuple(claims))


@pytest.mark.parametrize("name", EVIDENCE_TYPES)
def test_evidence_is_read_again_unchanged(name: str) -> None:
    @given(claims_with(evidences[name], st.just(())))
    @settings(max_examples=25, deadline=None)
    def check(claims: list[Claim]) -> None:
        assert type(claims[0].evidence) is EVIDENCE_TYPES[name]
        check_round_trip(claims)

    check()


@pytest.mark.parametrize("name", STATEMENT_TYPES)
def test_statements_are_read_again_unchanged(name: str) -> None:
    some = st.lists(statements[name], min_size=1, max_size=2)

    @given(claims_with(st.none(), some.map(tuple)))
    @settings(max_examples=25, deadline=None)
    def check(claims: list[Claim]) -> None:
        assert all(type(s) is STATEMENT_TYPES[name] for s in claims[0].states)
        check_round_trip(claims)

    check()


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
@settings(max_examples=200, deadline=None)
def test_any_text_is_refused_with_one_kind_of_error(text: str) -> None:
    assert refusal(text, "toml").problems
    assert refusal(text, "json").problems


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["claims", "sources", "id", "type", "n1", "states", "evidence", "value"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_any_tables_are_refused_with_one_kind_of_error(value: object) -> None:
    assert refusal(json.dumps(value), "json").problems
    assert refusal(json.dumps({"claims": [value]}), "json").problems


def test_a_source_key_used_for_two_sources_is_kept_apart() -> None:
    one, other = Source("w", "Wang 2025"), Source("w", "Wang 2024")
    claims = [Claim("a", one, "", "q"), Claim("b", other, "", "q", by=one)]
    written = claims_to_dict(claims)
    assert written["sources"] == {"w": {"citation": "Wang 2025"}}
    assert written["claims"][1]["source"] == {"key": "w", "citation": "Wang 2024"}
    assert written["claims"][1]["by"] == "w"
    assert claims_from_text(claims_to_json(claims), "json") == tuple(claims)


def test_what_cannot_be_a_claim_file_is_not_written() -> None:
    claim = Claim("a", Source("w", "Wang"), "", "q")
    with pytest.raises(InvalidEvidenceError, match="claims must be at least one"):
        claims_to_json([])
    with pytest.raises(InvalidEvidenceError, match="id must be unique, got 'a'"):
        claims_to_json([claim, claim])
