"""What a run's spec says of it, a fact for each column of a table."""

from __future__ import annotations

import dataclasses
from typing import Any

from lth_lib.experiments.lineage import Pruning, prunings
from lth_lib.experiments.masks import Kept
from lth_lib.experiments.run import Run
from lth_lib.spec import Spec

BEFORE, DURING, AFTER, TICKET, CONTROL = "before", "during", "after", "ticket", "control"


def facts(run: Run) -> dict[str, Any]:
    """Return on what, with what and how a run trains, and how its masks were found; empty where nothing was pruned."""
    found = [*prunings(run)]
    last = found[0] if found else Pruning(None)
    return {
        "data": written(run.setting.data),
        "model": written(run.setting.model),
        "method": written(last.method) if last.method else "",
        "when": when(run),
        "granularity": written(last.granularity) if last.granularity else "",
        "scope": written(last.scope) if last.scope else "",
        "prunings": len(found),
        "start": run.start,
        "steps": run.stop - run.start,
        "precision": run.setting.recipe.precision,
    }


def when(run: Run) -> str:
    """Return when the weights went: before training, during it, after it (it goes on), for a ticket, or its control.

    A control's masks were not found with weights, or its weights are an initialisation that nothing was found with.
    """
    masks, weights = run.ticket.masks, run.ticket.weights
    if run.setting.recipe.remasks:
        return DURING
    earlier = [*run.ancestors()]
    if not masks.level:
        return ""
    begun = {parent.ticket.weights.digest for parent in earlier}
    if not (masks.found or isinstance(masks, Kept)) or not (weights.parents() or weights.digest in begun):
        return CONTROL
    if {run.digest for run in weights.parents()} & {run.digest for run in masks.parents()}:
        return AFTER
    return TICKET if any(parent.stop > parent.start for parent in earlier) else BEFORE


def written(value: Any) -> str:
    """Return a spec as it is written in code, its defaults left out: `LeNet`, `CIFAR10(variant='jpeg75')`."""
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))}{',' if len(value) == 1 else ''})"
    if not isinstance(value, Spec):
        return repr(value)
    given = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if _given(value, field))
    told = ", ".join(f"{name}={written(own)}" for name, own in given)
    return type(value).__name__ + (f"({told})" if told else "")


def _given(spec: Spec, field: dataclasses.Field[Any]) -> bool:
    """Return whether a field has another value than it has by default."""
    made = field.default_factory
    default = field.default if made is dataclasses.MISSING else made()
    return default is dataclasses.MISSING or getattr(spec, field.name) != default
