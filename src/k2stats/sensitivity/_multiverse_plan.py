"""Every specification that makes sense, and the combinations that do not."""

from dataclasses import dataclass, field

import numpy as np

from k2stats._typing import Bools
from k2stats.effectsizes import NOTHING, EffectSizes, ZeroCells, find_measure
from k2stats.errors import InvalidEvidenceError
from k2stats.models import MODELS
from k2stats.sensitivity._multiverse_choices import RULES
from k2stats.sensitivity._multiverse_data import Material
from k2stats.sensitivity._multiverse_methods import Asked, methods_of, unfit
from k2stats.sensitivity._multiverse_models import COUNT_MODELS
from k2stats.sensitivity._multiverse_parts import (
    ANY,
    CHOICES,
    LEAST_STUDIES,
    MOST,
    NOT_COUNTS,
    Block,
    Plan,
    Sets,
    Stack,
)


@dataclass(slots=True)
class _Ledger:
    """What is ruled out, and what a reader must know."""

    invalid: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, reason: str, **choices: str) -> None:
        row = {name: choices.get(name) or ANY for name in CHOICES}
        self.invalid.append({**row, "reason": reason})


def make_plan(
    material: Material,
    *,
    models: tuple[str, ...],
    asked: Asked,
    rules: tuple[ZeroCells, ...] | None,
    subsets: dict[str, Bools],
    exclude: dict[str, Bools],
    levels: tuple[float, ...],
) -> Plan:
    """Combine the choices.

    Raises
    ------
    InvalidEvidenceError
        Where nothing that makes sense is left, or there is far too much.
    """
    if material.k < LEAST_STUDIES:
        raise InvalidEvidenceError(
            field="data",
            requirement="of two studies or more (multiverse_of_tests takes one 2x2 "
            "table)",
            given=material.k,
        )
    ledger = _Ledger()
    sets = _sets(subsets, exclude, ledger)
    blocks: list[Block] = []
    for measure in material.measures:
        stacks = _stacks(material, measure, rules, ledger)
        for model in models:
            blocks += _blocks(material, measure, model, asked, stacks, sets, ledger)
    plan = Plan(
        material,
        tuple(blocks),
        sets,
        levels,
        tuple(_unique(ledger.invalid)),
        tuple(ledger.notes),
    )
    if plan.size == 0:
        reasons = "; ".join(_lines(plan.invalid)[:3])
        raise InvalidEvidenceError(
            field="choices",
            requirement="such that one combination or more makes sense "
            f"({reasons or 'no studies'})",
        )
    if plan.size > MOST:
        raise InvalidEvidenceError(
            field="choices",
            requirement=f"at most {MOST:,} specifications",
            given=plan.size,
        )
    return plan


def _sets(
    subsets: dict[str, Bools], exclude: dict[str, Bools], ledger: _Ledger
) -> Sets:
    """Sets of studies that differ; those that do not are ruled out by name."""
    names: list[tuple[str, str]] = []
    masks: list[Bools] = []
    seen: dict[bytes, tuple[str, str]] = {}
    for subset, kept in subsets.items():
        for left_out, gone in exclude.items():
            mask = kept & ~gone
            pair = {"subset": subset, "exclude": left_out}
            if gone.any() and not (kept & gone).any():
                ledger.refuse("none of these studies is in the subset", **pair)
                continue
            if mask.sum() < LEAST_STUDIES:
                ledger.refuse(_too_few(int(mask.sum())), **pair)
                continue
            same = seen.setdefault(mask.tobytes(), (subset, left_out))
            if same != (subset, left_out):
                ledger.refuse(
                    f"the same studies as {same[0]}, {same[1]} left out", **pair
                )
                continue
            names.append((subset, left_out))
            masks.append(mask)
    width = next(iter(subsets.values())).size
    held = np.array(masks) if masks else np.zeros((0, width), dtype=bool)
    return Sets(tuple(n[0] for n in names), tuple(n[1] for n in names), held)


def _too_few(k: int, what: str = "") -> str:
    count = {0: "no study", 1: "one study"}[k]
    return f"{count}{what} is left, and two are needed"


def _stacks(
    material: Material,
    measure: str,
    rules: tuple[ZeroCells, ...] | None,
    ledger: _Ledger,
) -> list[Stack]:
    """Effects under each rule for zero cells that makes a difference."""
    info = find_measure(measure)
    if material.effects is not None or not info.counts:
        es = material.effects_of(measure, None)
        named = NOT_COUNTS if es.zero_cells is None else str(es.zero_cells)
        if rules is not None:
            why = "effect sizes were given" if material.effects else "it has no counts"
            ledger.refuse(why, measure=measure, zero_cells="every rule")
        return [Stack(measure, named, None, es, es.complete)]
    found: list[Stack] = []
    wanted = rules or _usual_rules(material, measure)
    for rule in wanted:
        es = material.effects_of(measure, rule)
        same = next((s for s in found if _alike(s.effects, es)), None)
        if same is not None:
            if rules is not None:
                ledger.refuse(
                    f"the same effects as under {same.zero_cells!r}",
                    measure=measure,
                    zero_cells=str(rule),
                )
            continue
        lacking = np.flatnonzero(~es.complete)
        if lacking.size:
            who = ", ".join(str(material.study[i]) for i in lacking)
            ledger.notes.append(
                f"{measure}, {rule}: without an effect and absent from models of "
                f"effects: {who}."
            )
        found.append(Stack(measure, _called(rule, es), rule, es, es.complete))
    return found


def _called(rule: ZeroCells, es: EffectSizes) -> str:
    """What was done about zero cells: nothing, where a rule found none."""
    idle = es.added is None or not es.added.any()
    return str(NOTHING) if idle and es.complete.all() else str(rule)


def _usual_rules(material: Material, measure: str) -> tuple[ZeroCells, ...]:
    """The measure's own rule; where a cell is zero also the others that are usual."""
    own = find_measure(measure).zero_cells
    return tuple(dict.fromkeys((own, RULES["only0"], RULES["drop00"], RULES["all"])))[
        : None if _has_zero(material, measure) else 1
    ]


def _has_zero(material: Material, measure: str) -> bool:
    added = material.effects_of(measure, RULES["only0"]).added
    return added is not None and bool(np.any(added > 0))


def _alike(one: EffectSizes | None, other: EffectSizes) -> bool:
    return (
        one is not None
        and np.array_equal(one.y, other.y, equal_nan=True)
        and np.array_equal(one.v, other.v, equal_nan=True)
    )


def _blocks(
    material: Material,
    measure: str,
    model: str,
    asked: Asked,
    stacks: list[Stack],
    sets: Sets,
    ledger: _Ledger,
) -> list[Block]:
    evidence = None if material.evidence is None else type(material.evidence)
    why = unfit(model, evidence, measure)
    if why:
        ledger.refuse(why, measure=measure, model=model)
        return []
    methods, refused = methods_of(model, asked)
    for r in refused:
        ledger.refuse(r.reason, model=r.model, tau2=r.tau2, ci=r.ci)
    as_counts = model not in MODELS and "zero-cells" not in COUNT_MODELS[model].traits
    if as_counts:
        whole = np.ones(material.k, dtype=bool)
        stacks = [Stack(measure, str(NOTHING), NOTHING, None, whole)]
    found = []
    for stack in stacks:
        left = (sets.masks & stack.defined).sum(axis=-1)
        enough = left >= LEAST_STUDIES
        for i in np.flatnonzero(~enough):
            ledger.refuse(
                _too_few(int(left[i]), " with an effect"),
                measure=measure,
                zero_cells=stack.zero_cells,
                subset=sets.subset[i],
                exclude=sets.exclude[i],
            )
        rows = np.flatnonzero(enough)
        if rows.size:
            found += [Block(stack, method, rows) for method in methods]
    return found


def _unique(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each combination once, in order."""
    return list({tuple(row.values()): row for row in rows}.values())


def _lines(invalid: tuple[dict[str, str], ...]) -> list[str]:
    """Each combination in words."""
    return [
        ", ".join(row[c] for c in CHOICES if row[c] != ANY) + ": " + row["reason"]
        for row in invalid
    ]
