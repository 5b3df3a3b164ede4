"""What a spec says of a run: worked examples."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import SEEDS, setting

from lth_lib.data import CIFAR10, MNIST
from lth_lib.experiments.facts import facts, when, written
from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.studies import PRUNER, imp, reinitialised, shuffled
from lth_lib.experiments.weights import Final
from lth_lib.models import Conv
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.forward import Popup
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.spec import Spec

RUNS = imp(setting(), PRUNER, Geometric(0.2, 2), seeds=SEEDS)
REWOUND = imp(setting(), PRUNER, Geometric(0.2, 2), rewind=20, seeds=SEEDS)
GRADUAL = replace(setting(), recipe=replace(setting().recipe, dynamics=Gradual(every=4, until=20)))
THINNED = Run(GRADUAL, seeds=SEEDS)
UNTRAINED = Run(setting(), until=0, seeds=SEEDS)


def pruned(run: Run, weights: Run | None = None) -> Run:
    """Return a run of a run's masks, pruned once, from the beginning or from the end of another."""
    return replace(RUNS[0], ticket=Ticket(Pruned(run, PRUNER, 0.2), Final(weights) if weights else Initial()))


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (RUNS[0], ""),
        (RUNS[1], "ticket"),
        (RUNS[2], "ticket"),
        (REWOUND[2], "ticket"),
        (reinitialised(RUNS[2]), "control"),
        (shuffled(RUNS[2]), "control"),
        (reinitialised(pruned(UNTRAINED)), "control"),
        (pruned(UNTRAINED), "before"),
        (pruned(RUNS[1], RUNS[1]), "after"),
        (THINNED, "during"),
        (replace(THINNED, ticket=RUNS[2].ticket), "during"),
        (pruned(THINNED), "ticket"),
        (replace(RUNS[0], ticket=Ticket(Kept(THINNED))), "ticket"),
        (replace(RUNS[0], ticket=Ticket(Kept(THINNED), Initial("reinit-1"))), "control"),
        (replace(RUNS[0], ticket=Ticket(Kept(THINNED), Final(THINNED))), "after"),
        (replace(RUNS[0], ticket=Ticket(Kept(RUNS[0]), Initial("reinit-1"))), ""),
    ],
)
def test_when_the_weights_went(run: Run, expected: str) -> None:
    assert when(run) == expected


def test_the_facts_of_a_ticket_and_of_a_dense_network() -> None:
    found = facts(REWOUND[2])
    assert found == {
        "data": "Grey",
        "model": "LeNet(hidden=(16, 8))",
        "method": "Magnitude",
        "when": "ticket",
        "granularity": "Weight",
        "scope": "Layerwise(factors=(('out', 0.5),))",
        "prunings": 2,
        "start": 20,
        "steps": 20,
        "precision": "float32",
    }
    assert [facts(RUNS[0])[name] for name in ("method", "granularity", "scope", "prunings")] == ["", "", "", 0]
    once = replace(RUNS[0], ticket=Ticket(Pruned(RUNS[0], PRUNER, 0.2, rounds=5)))
    assert (once.level, facts(once)["prunings"], facts(shuffled(once))["prunings"]) == (5, 1, 1)


POPPED = Run(replace(setting(), recipe=replace(setting().recipe, forward=Popup(0.3))), seeds=SEEDS)
CURVE = "Gradual(every=4, until=20)"
OF_UNITS = replace(GRADUAL, recipe=replace(GRADUAL.recipe, dynamics=Gradual(4, 20, pruner=Pruner(granularity=Unit()))))


@pytest.mark.parametrize(
    ("run", "method", "granularity", "scope", "prunings", "level"),
    [
        (THINNED, CURVE, "Weight", "Layerwise", 1, 1),
        (POPPED, "Popup(density=0.3)", "Weight", "Layerwise", 1, 1),
        (replace(RUNS[0], ticket=Ticket(Kept(THINNED))), CURVE, "Weight", "Layerwise", 1, 1),
        (replace(POPPED, ticket=RUNS[2].ticket), "Popup(density=0.3)", "Weight", "Layerwise", 3, 3),
        (shuffled(replace(RUNS[0], ticket=Ticket(Kept(POPPED)))), "Popup(density=0.3)", "Weight", "Layerwise", 1, 1),
        (pruned(THINNED), "Magnitude", "Weight", "Layerwise(factors=(('out', 0.5),))", 2, 2),
        (
            Run(OF_UNITS, seeds=SEEDS),
            "Gradual(every=4, until=20, pruner=Pruner(granularity=Unit))",
            "Unit",
            "Layerwise",
            1,
            1,
        ),
    ],
)
def test_a_training_that_made_its_own_masks_is_a_pruning_with_a_method(
    run: Run, method: str, granularity: str, scope: str, prunings: int, level: int
) -> None:
    found = facts(run)
    assert (found["method"], found["granularity"], found["scope"]) == (method, granularity, scope)
    assert (found["prunings"], run.level) == (prunings, level)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [(MNIST(), "MNIST"), (CIFAR10("jpeg75"), "CIFAR10(variant='jpeg75')"), (Conv(2), "Conv(pairs=2)")],
)
def test_a_spec_is_written_without_its_defaults(spec: Spec, expected: str) -> None:
    assert written(spec) == expected
    assert eval(written(spec)) in (spec, type(spec))
