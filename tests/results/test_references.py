"""References of a report: taken apart, in one style, each once."""

from k2stats.heterogeneity import TAU2
from k2stats.models import MEAN_TESTS, MODELS, PREDICTIONS
from k2stats.results._references import Bibliography, papers_in


def test_journals_with_periods_are_not_taken_apart() -> None:
    text = "Pustejovsky & Tipton (2018). J. Business & Economic Statistics 36:672-683"
    assert papers_in(text) == [
        "Pustejovsky and Tipton (2018) J. Business and Economic Statistics 36:672-683"
    ]


def test_two_papers_of_one_year_by_one_author_stay_two() -> None:
    papers = Bibliography()
    assert papers.cite("Viechtbauer (2007). Statistics in Medicine 26:37-52") == " [1]"
    assert papers.cite("Viechtbauer (2007) Res Synth 1:2; Roe (2001) J 3:4") == " [2,3]"
    assert papers.cite("") == ""
    assert papers.cite("Viechtbauer (2007) Stat Med 26:37-52.") == " [1]"


def test_every_reference_of_every_method_can_be_listed() -> None:
    papers = Bibliography()
    entries = [e for r in (TAU2, MEAN_TESTS, MODELS, PREDICTIONS) for e in r.entries()]
    for entry in entries:
        assert papers.cite(entry.reference)
    lines = str(papers).splitlines()
    assert all(line.endswith(".") and ".." not in line for line in lines)
    # each line is one paper: one year in brackets
    assert all(line.count("(1") + line.count("(2") == 1 for line in lines)
