"""The one check of a confidence level."""

from numbers import Real

from k2stats.errors import InvalidEvidenceError


def check_level(level: object) -> None:
    """Refuse what is no number between 0 and 1.

    Raises
    ------
    InvalidEvidenceError
    """
    number = isinstance(level, Real) and not isinstance(level, bool)
    if not (number and 0.0 < float(level) < 1.0):  # type: ignore[arg-type]
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
