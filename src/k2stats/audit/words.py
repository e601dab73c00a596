"""How findings put lists into words."""

from collections.abc import Sequence


def listed(items: Sequence[str], most: int = 6) -> str:
    """Join as a sentence does; the tail is counted where it is long.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=1)
    ('a, b and c', 'a and 2 more')
    """
    kept = list(items[:most])
    if len(items) > most:
        kept.append(f"{len(items) - most} more")
    if len(kept) < 2:
        return "".join(kept)
    return f"{', '.join(kept[:-1])} and {kept[-1]}"
