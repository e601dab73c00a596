"""Iwamoto 2003: a review of vitamin K2 with bisphosphonates; directions only.

The abstract prints no number that could be recomputed.
"""

from typing import Final

from k2stats.evidence import Claim, Direction, Qualitative, Source

SOURCE: Final[Source] = Source(
    key="iwamoto2003",
    citation="Iwamoto J, Takeda T, Ichimura S. Combined treatment with vitamin k2 and "
    "bisphosphonate in postmenopausal women with osteoporosis. Yonsei Med J "
    "2003;44(5):751-6. PMID 14584089.",
    address="https://pubmed.ncbi.nlm.nih.gov/14584089/",
    status="abstract",
    notice="A narrative review, read in its abstract.",
)

_TRIALS = "the trials meant, with counts or means and standard deviations by group"
_RATS = "group sizes, means and standard deviations of the measurements in rats"
_COMPARISON = "a trial that compares the two, with counts by group"
_NO_NUMBERS = "The review's abstract prints no numbers."

_CLASSES = (
    "Etidronate increases the lumbar bone mineral density (BMD), and prevents new "
    "vertebral fractures, in patients with osteoporosis, while alendronate and "
    "risedronate increase the lumbar and femoral neck BMDs, and prevent new vertebral "
    "and femoral neck fractures."
)
_K2 = (
    "Vitamin K2 enhances gamma-carboxylation of bone glutamic acid residues and the "
    "secretion of osteocalcin, sustains the lumbar BMD, and prevents osteoporotic "
    "fractures in patients with osteoporosis."
)
_OVARIECTOMY = (
    "Available evidence suggest that risedronate prevents deterioration of the "
    "connectivity of the trabeculae in ovariectomized rats, whereas vitamin K2 "
    "increase the trabecular thickness, and that a combination of risedronate and "
    "vitamin K2 has a synergistic effect on preventing the deterioration of "
    "trabecular bone architecture induced by estrogen deficiency."
)


def _claim(
    number: int,
    locator: str,
    quote: str,
    *states: Direction | Qualitative,
    needs: str,
    note: str = _NO_NUMBERS,
) -> Claim:
    return Claim(
        id=f"S002-{number:02d}",
        source=SOURCE,
        locator=locator,
        quote=quote,
        states=states,
        needs=(needs,),
        note=note,
    )


CLAIMS: Final[tuple[Claim, ...]] = (
    _claim(
        1,
        "Etidronate increases the lumbar bone mineral density (BMD), and prevents",
        _CLASSES,
        Direction("higher", words="increases the lumbar bone mineral density"),
        Direction("lower", words="prevents new vertebral fractures"),
        needs=_TRIALS,
    ),
    _claim(
        2,
        "increase the lumbar and femoral neck BMDs, and prevent new vertebral",
        _CLASSES,
        Direction("higher", words="increase the lumbar and femoral neck BMDs"),
        Direction("lower", words="prevent new vertebral and femoral neck fractures"),
        needs=_TRIALS,
        note="Said of alendronate and risedronate. " + _NO_NUMBERS,
    ),
    _claim(
        3,
        "Vitamin K2 enhances gamma-carboxylation of bone glutamic acid residues",
        _K2,
        Direction("higher", words="enhances gamma-carboxylation"),
        needs=_TRIALS,
    ),
    _claim(
        4,
        "prevents osteoporotic fractures in patients with osteoporosis",
        _K2,
        Direction("lower", words="prevents osteoporotic fractures"),
        needs=_TRIALS,
        note=_NO_NUMBERS + " The larger OF study, printed later (2193 and 2185 women), "
        "found no significant difference in new vertebral fractures.",
    ),
    _claim(
        5,
        "because they are more efficacious than vitamin K2",
        "Bisphosphonates, such as alendronate and risedronate, rather than vitamin K2, "
        "should be initially chosen for the treatment of osteoporosis, because they "
        "are more efficacious than vitamin K2.",
        Direction("higher", words="more efficacious than vitamin K2"),
        needs=_COMPARISON,
    ),
    _claim(
        6,
        "vitamin K2 increase the trabecular thickness",
        _OVARIECTOMY,
        Direction("higher", words="increase the trabecular thickness"),
        needs=_RATS,
        note="Said of ovariectomized rats. " + _NO_NUMBERS,
    ),
    _claim(
        7,
        "has a synergistic effect on preventing the deterioration",
        _OVARIECTOMY,
        Direction("higher", words="has a synergistic effect"),
        needs=_RATS,
        note="Said of ovariectomized rats; synergy is more than both effects together, "
        "and needs all four groups. " + _NO_NUMBERS,
    ),
    _claim(
        8,
        "appears to be more effective than etidronate alone",
        "Some studies have shown that combined treatment with etidronate and vitamin "
        "K2 appears to be more effective than etidronate alone in the prevention of "
        "new osteoporotic vertebral fractures.",
        Direction("lower", words="appears to be more effective than etidronate alone"),
        needs=_COMPARISON,
        note="The direction is that of fractures. " + _NO_NUMBERS,
    ),
    _claim(
        9,
        "this combined treatment should be recommended",
        "Thus, this combined treatment should be recommended for the treatment of "
        "postmenopausal osteoporosis.",
        Qualitative(
            "Vitamin K2 with a bisphosphonate should be recommended.",
            needs=(_COMPARISON,),
        ),
        needs=_COMPARISON,
        note="A recommendation.",
    ),
)
