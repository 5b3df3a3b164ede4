"""A finished training is a row of a table for each replicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from lth_lib.report.stats.readings import accuracies, early_stopping, reaching
from lth_lib.spec import require

Table: TypeAlias = pd.DataFrame
"""A tidy table: one observation a row, one quantity a column."""


class RunLike(Protocol):
    """What a table asks of the spec of a run."""

    @property
    def start(self) -> int: ...
    @property
    def seeds(self) -> tuple[int, ...]: ...
    @property
    def digest(self) -> str: ...


class StudyLike(Protocol):
    """What a table asks of a study."""

    @property
    def runs(self) -> Sequence[Any]: ...
    def found(self, results: Any) -> Mapping[str, Mapping[int, Sequence[Any]]]: ...


class Result(Protocol):
    """What a table asks of a finished training."""

    @property
    def metrics(self) -> Mapping[str, np.ndarray]: ...
    @property
    def run(self) -> RunLike: ...
    @property
    def layer_density(self) -> Mapping[str, np.ndarray]: ...
    @property
    def empty_layers(self) -> tuple[tuple[int, str], ...]: ...


def tidy(groups: Mapping[str, Mapping[int, Sequence[Result]]], dense: Sequence[Result] = ()) -> Table:
    """Return a row for each series, run and replicate of `{series: {level: [results]}}`.

    Several results at one level are blocks of other seeds, or repeats with the same ones (`average_within`). `READINGS`
    says what the three accuracies are; `..._at_last` is of the one network of the last iteration, and so is its gap.
    With the `dense` results, `reached_at` is the iteration at which validation accuracy first was that of the same
    replicate's dense run at its early stop (NaN: never).
    """
    targets = _targets(dense)
    parts = [
        _rows(result, targets).assign(series=series, level=level)
        for series, levels in groups.items()
        for level, results in levels.items()
        for result in results
    ]
    require(bool(parts), "There are no results to tabulate; give {series: {level: [result, ...]}}.")
    table = pd.concat(parts, ignore_index=True)
    twice = table[table.duplicated(["series", "level", "run", "seed"])]
    require(twice.empty, f"Run {str(twice['run'].min())[:12]} is given twice for one series and level; give it once.")
    return table[["series", "level", *[c for c in table.columns if c not in ("series", "level")]]]


def by_study(
    studies: Mapping[str, StudyLike], compute: Callable[[Sequence[Any]], Mapping[Any, Any]]
) -> dict[str, Table]:
    """Return the tidy table of each study of which `compute` has a result."""
    results = {name: compute(study.runs) for name, study in studies.items()}
    return {name: tidy(studies[name].found(found)) for name, found in results.items() if len(found)}


def _rows(result: Result, targets: Mapping[int, float]) -> Table:
    """Return the rows of one finished training."""
    m, run = result.metrics, result.run
    stop = early_stopping(m["step"], m["valid_loss"], run.start)
    empty = {seed: ", ".join(name for s, name in result.empty_layers if s == seed) for seed in run.seeds}
    columns: dict[str, Any] = {
        "run": run.digest,
        "seed": run.seeds,
        "density": _last_known(m["density"]),
        "early_stop": stop.iterations,
        "censored": stop.censored,
        "censored_at_last": stop.at_last,
        **accuracies(m, run.start),
        "accuracy_at_last": m["final_test_accuracy"],
        "train_accuracy_at_early_stop": m["best_train_accuracy"],
        "train_accuracy_at_last": m["final_train_accuracy"],
        "gap_at_early_stop": m["best_train_accuracy"] - m["best_test_accuracy"],
        "gap_at_last": m["final_train_accuracy"] - m["final_test_accuracy"],
        "diverged": m["diverged_at"] >= 0,
        "diverged_at": m["diverged_at"],
        "empty_layers": [empty[seed] for seed in run.seeds],
    }
    if targets:
        lacking = [seed for seed in run.seeds if seed not in targets]
        require(not lacking, f"The dense results have no replicate {lacking}; give the dense run of the same seeds.")
        target = np.array([targets[seed] for seed in run.seeds])
        columns["reached_at"] = reaching(m["step"], m["valid_accuracy"], target, run.start)
    return pd.DataFrame(columns)


def _targets(dense: Sequence[Result]) -> dict[int, float]:
    """Return, for each seed, the dense run's validation accuracy at its early stop."""
    found: dict[int, float] = {}
    for result in dense:
        stop = early_stopping(result.metrics["step"], result.metrics["valid_loss"], result.run.start)
        best = np.take_along_axis(result.metrics["valid_accuracy"], stop.index[None], axis=0)[0]
        found |= dict(zip(result.run.seeds, best.tolist(), strict=True))
    return found


def _last_known(values: np.ndarray) -> np.ndarray:
    """Return each replicate's last value [R] of [S,R] that is not NaN."""
    last = len(values) - 1 - (~np.isnan(values))[::-1].argmax(axis=0)
    return np.take_along_axis(values, last[None], axis=0)[0]


def average_within(table: Table) -> Table:
    """Return one row for each series, level and replicate: repeats (re-initialisations) averaged, `repeats` counted.

    A repeat without a value leaves the replicate without one; one censored or diverged repeat marks the replicate.
    """
    groups = table.groupby(["series", "level", "seed"], sort=False)
    flags = [name for name in table.columns if table[name].dtype == bool]
    numbers = [name for name in table.select_dtypes("number").columns if name not in ("level", "seed", "diverged_at")]
    averaged = groups[numbers].mean(skipna=False)
    averaged[flags] = groups[flags].any()
    averaged["repeats"] = groups.size()
    return averaged.reset_index()


def values(table: Table, y: str, cell: tuple[str, int]) -> np.ndarray:
    """Return column `y` of one (series, level), a number for each replicate that it has, repeats averaged."""
    return _by_seed(table, y, cell).to_numpy(dtype=float)


def pairs(table: Table, y: str, left: tuple[str, int], right: tuple[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return column `y` at two (series, level), aligned on the replicates that both have."""
    both = [_by_seed(table, y, cell) for cell in (left, right)]
    joined = pd.concat(both, axis=1, join="inner").sort_index().to_numpy(dtype=float)
    return joined[:, 0], joined[:, 1]


def _by_seed(table: Table, y: str, cell: tuple[str, int]) -> pd.Series:
    """Return column `y` of one (series, level) by seed, repeats averaged: `average_within`, of one column."""
    own = table[(table["series"] == cell[0]) & (table["level"] == cell[1])]
    return own.groupby("seed", sort=False)[y].mean(skipna=False)


def curves(groups: Mapping[str, Sequence[Result]], metric: str) -> Table:
    """Return series, seed, iteration and value of one metric of `{series: [results]}`, repeats averaged.

    Iterations are counted from each run's own start. Evaluations that no replicate has are left
    out; a replicate that diverged keeps its NaN.
    """
    parts = []
    for series, results in groups.items():
        for result in results:
            values = result.metrics[metric]
            wide = pd.DataFrame(values, index=result.metrics["step"] - result.run.start, columns=result.run.seeds)
            long = wide.dropna(how="all").rename_axis(index="iteration", columns="seed").stack()
            parts.append(long.rename("value").reset_index().assign(series=series))
    table = pd.concat(parts, ignore_index=True)
    keys = ["series", "seed", "iteration"]
    return table.groupby(keys, sort=False)["value"].mean(skipna=False).reset_index()


def layers(levels: Mapping[int, Sequence[Result]]) -> Table:
    """Return level, seed, density, layer and layer_density of `{level: [results]}`."""
    parts = [
        pd.DataFrame({"seed": result.run.seeds, "density": _last_known(result.metrics["density"])}).assign(
            level=level, layer=name, layer_density=kept
        )
        for level, results in levels.items()
        for result in results
        for name, kept in result.layer_density.items()
    ]
    return pd.concat(parts, ignore_index=True)[["level", "seed", "density", "layer", "layer_density"]]
