"""Trials of vitamin K that measure bone density or markers, and levels in serum."""

from typing import Final

from k2stats.datasets._records import TrialSize
from k2stats.evidence import Claim, PrintedTwoMeans, Reported, Source

IWAMOTO_2000: Final[Source] = Source(
    key="iwamoto2000",
    citation="Iwamoto J, Takeda T, Ichimura S. Effect of combined administration of "
    "vitamin D3 and vitamin K2 on bone mineral density of the lumbar spine in "
    "postmenopausal women with osteoporosis. J Orthop Sci 2000;5:546-551.",
    address="https://yyws.alljournals.cn/view_abstract.aspx?"
    "aid=CA5BAFA0E1EF3C1DF8623ABCB8B197DA&pcid=A9DB1C13C87CE289EA38239A9433C9DC",
    status="abstract",
    notice="'Ninety-two osteoporotic women': '(D group; n = 29)', '(K group; n = 22)', "
    "'(DK group, n = 21)', '(C group; n = 20)'.",
)
USHIROYAMA_2002: Final[Source] = Source(
    key="ushiroyama2002",
    citation="Ushiroyama T, Ikeda A, Ueki M. Effect of continuous combined therapy "
    "with vitamin K and vitamin D on bone mineral density and coagulofibrinolysis. "
    "Maturitas 2002;41:211-221.",
    address="http://pdfpharm.com/a/aliamedika.lt1.html",
    status="abstract",
    notice="The stored copy's ± signs were read by machine as 9: '4.92 97.89%'.",
)
KNAPEN_2013: Final[Source] = Source(
    key="knapen2013",
    citation="Knapen MHJ, et al. Three-year low-dose menaquinone-7 supplementation "
    "helps decrease bone loss in healthy postmenopausal women. Osteoporos Int "
    "2013;24:2499-2507.",
    address="http://omicron-pharma.com/three-year-low-dose-menaquinone-7-"
    "supplementation-helps-decrease-bone-loss-in-healthy-postmenopausal-women",
    status="abstract",
)
KNAPEN_2007: Final[Source] = Source(
    key="knapen2007",
    citation="Knapen MHJ, Schurgers LJ, Vermeer C. Vitamin K2 supplementation improves "
    "hip bone geometry and bone strength indices in postmenopausal women. Osteoporos "
    "Int 2007;18:963-972.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC1915640",
    status="abstract",
)
EMAUS_2010: Final[Source] = Source(
    key="emaus2010",
    citation="Emaus N, et al. Vitamin K2 supplementation does not influence bone loss "
    "in early menopausal women: a randomised double-blind placebo-controlled trial. "
    "Osteoporos Int 2010;21:1731-1740.",
    address="https://doi.org/10.1007/s00198-009-1126-4",
    status="abstract",
)
BINKLEY_2009: Final[Source] = Source(
    key="binkley2009",
    citation="Binkley N, Harke J, Krueger D, et al. Vitamin K treatment reduces "
    "undercarboxylated osteocalcin but does not alter bone turnover, density, or "
    "geometry in healthy postmenopausal North American women. J Bone Miner Res "
    "2009;24:983-991.",
    address="https://doi.org/10.1359/jbmr.081254",
    status="abstract",
)
TORII_2016: Final[Source] = Source(
    key="torii2016",
    citation="Torii 2016, serum vitamin K by LC-MS/MS in 103 people.",
    address="https://www.cambridge.org/core/product/"
    "B10A82CD6BBB3A3523926377310FE0CC/core-reader",
    status="abstract",
)
SOURCES: Final[tuple[Source, ...]] = (
    IWAMOTO_2000,
    USHIROYAMA_2002,
    KNAPEN_2013,
    KNAPEN_2007,
    EMAUS_2010,
    BINKLEY_2009,
    TORII_2016,
)

IWAMOTO_2000_GROUPS: Final[dict[str, int]] = {
    "vitamin D3": 29,
    "vitamin K2": 22,
    "vitamin D3 + vitamin K2": 21,
    "calcium": 20,
}
"""Women in each of four groups."""
IWAMOTO_2000_P_DK: Final[dict[str, Reported]] = {
    "calcium": Reported("<0.0001"),
    "vitamin D3": Reported("<0.05"),
    "vitamin K2": Reported("<0.01"),
}
"""Lumbar BMD, vitamin D3 + vitamin K2 against each; two-way ANOVA with repeated
measurements."""
IWAMOTO_2000_P_CALCIUM: Final[dict[str, Reported]] = {
    "vitamin D3": Reported("<0.05"),
    "vitamin K2": Reported("<0.001"),
}
"""Each against calcium."""
IWAMOTO_2000_P_FALL: Final[Reported] = Reported("<0.001")
"""Fall within the calcium group."""

USHIROYAMA_BMD: Final[PrintedTwoMeans] = PrintedTwoMeans(
    Reported("4.92", "%"),
    Reported("7.89", "%"),
    43,
    Reported("0.135", "%"),
    Reported("5.44", "%"),
    43,
    spread="unknown",
    outcome="change of vertebral BMD over 24 months",
    group1="vitamin K + vitamin D",
    group2="vitamin K",
)

SIZES: Final[tuple[TrialSize, ...]] = (
    TrialSize(KNAPEN_2013, 244, "MK-7 180 ug/day, 3 y: spine and femoral neck BMD"),
    TrialSize(KNAPEN_2007, 325, "MK-4 45 mg/day: DXA-BMD unaffected"),
    TrialSize(EMAUS_2010, 334, "MK-7 360 ug/day: no effect on BMD"),
    TrialSize(BINKLEY_2009, 381, "MK-4 45 mg/day or K1 1 mg/day: no effect on BMD"),
)

KNAPEN_2013_UCOC_CHANGE: Final[dict[str, tuple[Reported, Reported]]] = {
    "MK-7": (Reported("-51%"), Reported("21%")),
    "placebo": (Reported("4%"), Reported("49%")),
}
"""Undercarboxylated osteocalcin, mean and number after ±, from a press release."""

TORII_N: Final[int] = 103
TORII_MEDIANS: Final[dict[str, Reported]] = {
    "K1": Reported("1.33", "ng/ml"),
    "MK-4": Reported("0", "ng/ml"),
    "MK-7": Reported("6.99", "ng/ml"),
}

CLAIMS: Final[tuple[Claim, ...]] = ()
"""What others say of these figures stands with those who say it."""
