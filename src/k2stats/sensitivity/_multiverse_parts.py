"""What a plan is made of: stacks of effects, sets of studies, blocks of both.

A block is one method on one measure under one rule for zero cells, for many sets of
studies and levels; blocks are few, so that nothing is done once a specification.
"""

from dataclasses import dataclass

from k2stats._typing import Bools, Ints
from k2stats.effectsizes import EffectSizes, ZeroCells
from k2stats.sensitivity._multiverse_data import Material
from k2stats.sensitivity._multiverse_methods import Method
from k2stats.sensitivity._multiverse_models import COUNT_MODELS

CHOICES = (
    "measure",
    "zero_cells",
    "model",
    "tau2",
    "ci",
    "level",
    "subset",
    "exclude",
)
"""What may vary, in the order of the frame."""
ANY = "any"
NOT_COUNTS = "not counts"
LEAST_STUDIES = 2
MOST = 2_000_000
"""Specifications beyond this are refused: nobody looks at so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Effects of one measure under one rule for zero cells.

    Attributes
    ----------
    measure, zero_cells : str
        `zero_cells` as the frame names it.
    rule : ZeroCells or None
    effects : EffectSizes or None
        None for counts pooled as they are.
    defined : ndarray of bool, shape (K,)
        Studies with an effect.
    """

    measure: str
    zero_cells: str
    rule: ZeroCells | None
    effects: EffectSizes | None
    defined: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One method on one stack.

    Attributes
    ----------
    stack : Stack
    method : Method
    rows : ndarray of int
        Which sets of studies.
    """

    stack: Stack
    method: Method
    rows: Ints

    @property
    def of_counts(self) -> bool:
        """Whether counts are pooled, not effects."""
        return self.method.model in COUNT_MODELS


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Sets of studies, no two alike.

    Attributes
    ----------
    subset, exclude : tuple of str
        Names, one a set.
    masks : ndarray of bool, shape (M, K)
    """

    subset: tuple[str, ...]
    exclude: tuple[str, ...]
    masks: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Every specification, and what was ruled out.

    Attributes
    ----------
    material : Material
    blocks : tuple of Block
    sets : Sets
    levels : tuple of float
    invalid : tuple of dict
        Combinations ruled out: a name or ``"any"`` for each choice, and the reason.
    notes : tuple of str
    """

    material: Material
    blocks: tuple[Block, ...]
    sets: Sets
    levels: tuple[float, ...]
    invalid: tuple[dict[str, str], ...]
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of specifications."""
        return sum(b.rows.size for b in self.blocks) * len(self.levels)
