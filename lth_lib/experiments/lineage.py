"""How masks were found: by which prunings, and what each of them kept or removed as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lth_lib.experiments.run import MaskSpec, Run
from lth_lib.pruning.granularity import Granularity
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Scope
from lth_lib.spec import Spec, within
from lth_lib.training.recipe import Recipe


@dataclass(frozen=True)
class Pruning:
    """One of the prunings that found masks: a criterion, or a dynamics or forward, and its groups; None is not said."""

    method: Spec | None
    granularity: Granularity | None = None
    scope: Scope | None = None


def prunings(of: Run | MaskSpec) -> Iterator[Pruning]:
    """Yield the prunings by which masks were found, or those that a run ends with, the nearest first."""
    stack = [of]
    while stack:
        own = stack.pop()
        if isinstance(own, Run):
            if own.setting.recipe.remasks:
                yield _while_training(own.setting.recipe)
            stack.append(own.ticket.masks)
        else:
            if own.found:
                yield _by(next(within(own, Pruner), None))
            # Masks of a run that made its own have no earlier source; that run tells how.
            stack.extend(own.sources or [run for run in own.parents() if run.setting.recipe.remasks])


def _by(pruner: Pruner | None) -> Pruning:
    return Pruning(pruner.criterion, pruner.granularity, pruner.scope) if pruner else Pruning(None)


def _while_training(recipe: Recipe) -> Pruning:
    """Return how a training makes its own masks: what its forward leaves comes after what its dynamics did."""
    if recipe.forward.remasks:
        return Pruning(recipe.forward, *(recipe.forward.groups or ()))
    pruner = next(within(recipe.dynamics, Pruner), None)
    return Pruning(recipe.dynamics, *((pruner.granularity, pruner.scope) if pruner else ()))
