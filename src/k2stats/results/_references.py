"""Papers that a report cites: each once, numbered in order of mention."""

import re

_NEXT = re.compile(
    r"(?:;|\.)\s+(?=(?:Equal to \w+: )?[^\W\d_](?:[^.;:]|et al\.)*?\(\d{4}[a-z]?\))"
)
_YEAR = re.compile(r"\((\d{4}[a-z]?)\)")
_PLACE = re.compile(r"\d+:[\w-]+")


class Bibliography:
    """Numbered references; :meth:`cite` gives the mark for the text.

    Examples
    --------
    >>> papers = Bibliography()
    >>> papers.cite("Hardy & Thompson (1996). Statistics in Medicine 15:619-629.")
    ' [1]'
    >>> papers.cite("Doe (2001) J A 1:2; Hardy and Thompson (1996) Stat Med 15:619-629")
    ' [1,2]'
    >>> print(papers)
    1. Hardy and Thompson (1996) Statistics in Medicine 15:619-629.
    2. Doe (2001) J A 1:2.
    """

    def __init__(self) -> None:
        self._papers: list[str] = []

    def cite(self, references: str) -> str:
        """Return the numbers of one reference or several, empty where there is none."""
        marks = sorted({self._number(paper) for paper in papers_in(references)})
        return f" [{','.join(map(str, marks))}]" if marks else ""

    def _number(self, paper: str) -> int:
        for number, known in enumerate(self._papers, 1):
            if _same(paper, known):
                return number
        self._papers.append(paper)
        return len(self._papers)

    def __str__(self) -> str:
        return "\n".join(f"{i}. {paper}." for i, paper in enumerate(self._papers, 1))


def papers_in(references: str) -> list[str]:
    """Take references that stand one after the other apart, in one style.

    Examples
    --------
    >>> papers_in("Roe & Doe (1971). Biometrika 58:545-554. Poe (2009), in A Book.")
    ['Roe and Doe (1971) Biometrika 58:545-554', 'Poe (2009), in A Book']
    """
    return [_styled(part) for part in _NEXT.split(references) if part.strip(" .;")]


def _styled(paper: str) -> str:
    text = paper.strip(" .;").replace(" & ", " and ")
    text = re.sub(r"^Equal to \w+: ", "", text)
    return re.sub(r"(\(\d{4}[a-z]?\))[.,] (?!in |iterated)", r"\1 ", text)


def _same(one: str, other: str) -> bool:
    """Whether first author and year agree, and the pages where both have them."""
    first, second = _key(one), _key(other)
    if first[:2] != second[:2] or not first[1]:
        return one == other
    return not (first[2] and second[2]) or first[2] == second[2]


def _key(paper: str) -> tuple[str, str, str]:
    year, place = _YEAR.search(paper), _PLACE.search(paper)
    author = re.split(r"[ ,]", paper, maxsplit=1)[0].lower()
    return author, year[1] if year else "", place[0] if place else ""
