"""What each kind of pruning costs, by hand: 40 iterations of LeNet-16-8, whose layers have 1024, 128 and 32 weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.experiments.masks import Kept, Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import shuffled
from lth_lib.experiments.weights import Final
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.forward import Popup
from lth_lib.pruning.pruner import Pruner
from lth_lib.results.compute import compute
from lth_lib.results.store import Store
from lth_lib.workshop.table import one_table

WEIGHTS = 1024 + 128 + 32
DENSE = Run(setting(), seeds=SEEDS)


def changed(**recipe: Any) -> Run:
    return Run(replace(setting(), recipe=replace(setting().recipe, **recipe)), seeds=SEEDS)


def pruned(run: Run, **more: Any) -> Run:
    """Return a run of a quarter of another's weights, 0.5 squared in two rounds, from the beginning."""
    return replace(DENSE, ticket=Ticket(Pruned(run, Pruner(), 0.5, rounds=2), **more))


UNTRAINED, BEGUN = (Run(setting(), until=step, seeds=SEEDS) for step in (0, 10))
ONE_SHOT, BEFORE = pruned(DENSE), pruned(UNTRAINED)
CHANCE = replace(DENSE, ticket=Ticket(Pruned(UNTRAINED, Pruner(Random()), 0.5)))
TUNED = replace(pruned(DENSE, weights=Final(DENSE)), start=30)
REWOUND = replace(pruned(DENSE, weights=Final(BEGUN)), start=10)
DURING, LEARNED = changed(dynamics=Gradual(every=10, until=20, density=0.1)), changed(forward=Popup(0.5))
AFTER_LEARNED = replace(DENSE, ticket=Ticket(Kept(LEARNED)))
CURVE = 0.1 + 0.9 * 0.5**3
COSTS = {
    "dense": (DENSE, 40),
    "not trained": (UNTRAINED, 0),
    "one-shot": (ONE_SHOT, 40 + 40 / 4),
    "its shuffled control": (shuffled(ONE_SHOT), 40 + 40 / 4),
    "before training": (BEFORE, 40 / 4),
    "by chance": (CHANCE, 40 / 2),
    "fine-tuned": (TUNED, 40 + 10 / 4),
    "rewound": (REWOUND, 40 + 30 / 4),
    "during": (DURING, 10 + 10 * CURVE + 20 * 0.1),
    "learned": (LEARNED, 40),
    "what was learned, trained": (AFTER_LEARNED, 40 + 40 / 2),
}
ROUNDING = 40 * 3 / WEIGHTS
"""Each of three layers has a whole number of weights."""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    store: Store = tiny.store(tmp_path_factory.mktemp("costs"))
    compute([BEGUN, *(run for run, _ in COSTS.values())], store, train=True, progress=False)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("lth_lib.workshop.table.stored", lambda _, known: ({run.digest: run for run in RUNS}, []))
        return one_table(store)[0].set_index("digest")


RUNS = (BEGUN, *(run for run, _ in COSTS.values()))


@pytest.mark.parametrize("name", COSTS)
def test_the_cost_is_iterations_times_density_each_iteration_once(name: str, table: pd.DataFrame) -> None:
    run, cost = COSTS[name]
    assert table.loc[run.digest, "cost"].tolist() == pytest.approx([cost] * len(SEEDS), abs=ROUNDING)


def test_a_pruning_that_ends_sparse_costs_more_than_its_end(table: pd.DataFrame) -> None:
    rows = table.loc[DURING.digest]
    assert rows["density"].tolist() == pytest.approx([0.1] * 3, abs=3 / WEIGHTS)
    assert (rows["cost"] > 3 * 40 * rows["density"]).all()


def test_flops_and_bytes_follow_the_masks_at_the_end(table: pd.DataFrame) -> None:
    for run in (DENSE, DURING, LEARNED, BEFORE):
        rows = table.loc[run.digest]
        kept = (rows["density"] * WEIGHTS).round()
        assert rows["flops"].tolist() == (2 * kept).tolist()
        assert rows["bytes_csr"].tolist() == (8 * kept + 4 * (17 + 9 + 5)).tolist()
        assert (
            rows["bytes_best"] <= rows[["bytes_dense", "bytes_bitmap", "bytes_csr", "bytes_smaller"]].min(axis=1)
        ).all()
        assert (rows["effective_density"] <= rows["density"] + 1e-9).all()
    assert table.loc[shuffled(ONE_SHOT).digest, "effective_density"].isna().all()


def test_seconds_with_the_search_count_each_training_once(table: pd.DataFrame) -> None:
    seconds = table["seconds"].groupby(level=0).first()
    whole = table["seconds_with_search"].groupby(level=0).first()
    made = {ONE_SHOT: (DENSE,), TUNED: (DENSE,), AFTER_LEARNED: (LEARNED,), BEFORE: (UNTRAINED,), DENSE: ()}
    for run, parents in made.items():
        wanted = seconds[run.digest] + sum(seconds[parent.digest] for parent in parents)
        assert whole[run.digest] == pytest.approx(wanted), run
    assert whole[REWOUND.digest] <= seconds[[REWOUND.digest, DENSE.digest, BEGUN.digest]].sum() + 1e-9


def test_what_each_layer_keeps_is_told_with_what_trained_it(table: pd.DataFrame) -> None:
    assert set(table.loc[DENSE.digest, "layer_densities"]) == {"fc1 1; fc2 1; out 1"}
    for told, density in table.loc[BEFORE.digest, ["layer_densities", "density"]].itertuples(index=False):
        shares = [float(layer.split()[1]) for layer in told.split("; ")]
        kept = sum(share * count for share, count in zip(shares, (1024, 128, 32), strict=True))
        assert kept == pytest.approx(density * WEIGHTS, abs=0.2)
    assert (table["kernel"] != "").all()
    assert (table["threads"] >= 1).all()


def test_the_smaller_network_multiplies_once_by_each_of_its_weights(table: pd.DataFrame) -> None:
    assert set(table.loc[DENSE.digest, "flops_smaller"]) == {2 * WEIGHTS}
    rows = table.loc[BEFORE.digest]
    assert rows["flops_smaller"].tolist() == (rows["bytes_smaller"] / 2).tolist()
    assert (rows["flops_smaller"] >= rows["flops"] * rows["effective_density"] / rows["density"]).all()
