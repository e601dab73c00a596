"""Names of coefficients as R writes them."""

import re

import pandas as pd

from k2stats.results.design_matrix import Term

_LEVEL = re.compile(r"\[(?:[A-Z]+\.)?([^\[\]]*)\]")


def r_names_of(
    names: tuple[str, ...], terms: tuple[Term, ...], frame: pd.DataFrame
) -> tuple[str, ...]:
    """Write the names of the columns as R's metafor does.

    The level of a factor follows its name without brackets, truth values are
    ``TRUE``, powers are written with ``^``, and the intercept is ``intrcpt``.
    """
    truths = {str(n) for n in frame.columns if frame[n].dtype == bool}
    out = list(names)
    for term in terms:
        for j in term.columns:
            parts = [f"{x}TRUE" if x in truths else x for x in _split(names[j], term)]
            out[j] = ":".join(_r_name(x) for x in parts)
    return tuple("intrcpt" if n == "Intercept" else n for n in out)


def _split(name: str, term: Term) -> list[str]:
    """Parts of an interaction's name, one for each factor."""
    if len(term.variables) == 1:
        return [name]
    parts, rest = [], name
    for following in term.variables[1:]:
        at = rest.find(f":{following}")
        parts.append(rest[:at])
        rest = rest[at + 1 :]
    return [*parts, rest]


def _r_name(part: str) -> str:
    bare = _LEVEL.sub(lambda m: re.sub(r"^(-?\d+)\.0$", r"\1", m.group(1)), part)
    bare = bare.replace("`", "").replace(" ** ", "^").replace("**", "^")
    return re.sub(r"(?<=\w)=(?=[^=])", " = ", bare)
