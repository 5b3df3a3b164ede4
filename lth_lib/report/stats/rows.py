"""A finished training is a row for each replicate: made here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from lth_lib.report.stats.readings import accuracies, early_stopping, reaching
from lth_lib.spec import require


class RunLike(Protocol):
    """What a table asks of the spec of a run."""

    @property
    def start(self) -> int: ...
    @property
    def stop(self) -> int: ...
    @property
    def seeds(self) -> tuple[int, ...]: ...
    @property
    def digest(self) -> str: ...
    def trainings(self) -> Iterable[RunLike]: ...


class ResultLike(Protocol):
    """What a table asks of a finished training; its `facts` are columns too, a value for all replicates or for each."""

    @property
    def metrics(self) -> Mapping[str, np.ndarray]: ...
    @property
    def run(self) -> RunLike: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def layer_density(self) -> Mapping[str, np.ndarray]: ...
    @property
    def empty_layers(self) -> tuple[tuple[int, str], ...]: ...
    @property
    def learned(self) -> bool: ...


Columns: TypeAlias = dict[str, Sequence[Any] | np.ndarray]
"""Rows as columns, a value for each replicate in each: a frame of few rows takes many times as long to make."""


def rows_of(result: ResultLike, targets: Mapping[int, float], costs: Mapping[str, np.ndarray]) -> Columns:
    """Return the rows of one finished training.

    `targets` are the accuracies to reach, by seed, if any; `costs` the iterations times density [R] of trainings, by
    the digest of their run.
    """
    m, run = settled(result.metrics), result.run
    stop = early_stopping(m["step"], m["valid_loss"], run.start)
    empty = {seed: ", ".join(name for s, name in result.empty_layers if s == seed) for seed in run.seeds}
    columns: dict[str, Any] = {
        **result.facts,
        "digest": run.digest,
        "seed": run.seeds,
        "density": last_known(m["density"]),
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
        "cost": _with_search(run, costs),
    }
    if targets:
        columns["iterations_to_dense"] = _to_targets(result, targets)
    return _explained({name: _each(value, len(run.seeds)) for name, value in columns.items()})


def _each(value: Any, count: int) -> Sequence[Any] | np.ndarray:
    """Return a value for each replicate."""
    return value if isinstance(value, list | tuple | np.ndarray) else [value] * count


def _to_targets(result: ResultLike, targets: Mapping[int, float]) -> np.ndarray:
    """Return the iterations [R] until each replicate first reaches its target, or NaN."""
    m, run = settled(result.metrics), result.run
    lacking = [seed for seed in run.seeds if seed not in targets]
    require(not lacking, f"The dense results have no replicate {lacking}; give the dense run of the same seeds.")
    target = np.array([targets[seed] for seed in run.seeds])
    return reaching(m["step"], m["valid_accuracy"], target, run.start)


def _with_search(run: RunLike, costs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what a run and all that it was made from cost, [R]; NaN where one of them is not among `costs`."""
    unknown = np.full(len(run.seeds), np.nan)
    return np.sum([costs.get(one.digest, unknown) for one in run.trainings()], axis=0)


MISSING = {
    "cost": "no cost: not all that it was made from was given",
    "iterations_to_dense": "never as accurate as dense",
    "flops": "no flops: how often its network multiplies is not known",
    "effective_density": "no paths: its masks are not stored, or its layers do not say what they read",
}
"""Why a cell is empty, by column."""


def _explained(columns: Columns) -> Columns:
    """Return rows whose reason says of the last cells too why they are empty."""
    reasons = list(columns["reason"])
    for name in (name for name in MISSING if name in columns):
        gone = pd.isna(np.asarray(columns[name]))
        told = [f"{reason}; {MISSING[name]}" if reason else MISSING[name] for reason in reasons]
        reasons = [new if lost else old for new, old, lost in zip(told, reasons, gone, strict=True)]
    return {**columns, "reason": reasons}


def accuracies_to_reach(dense: Sequence[ResultLike]) -> dict[int, float]:
    """Return, for each seed, the dense run's validation accuracy at its early stop."""
    found: dict[int, float] = {}
    for result in dense:
        m = settled(result.metrics)
        stop = early_stopping(m["step"], m["valid_loss"], result.run.start)
        best = np.take_along_axis(m["valid_accuracy"], stop.index[None], axis=0)[0]
        found |= dict(zip(result.run.seeds, best.tolist(), strict=True))
    return found


def settled(metrics: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """Return metrics without the evaluations up to the last replacement of masks: until then it is another network."""
    if "last_replaced" not in metrics:
        return metrics
    early = metrics["step"][:, None] <= metrics["last_replaced"]
    names = [name for name in metrics if name.startswith(("valid_", "test_"))]
    return {**metrics, **{name: np.where(early, np.nan, metrics[name]) for name in names}}


def own_costs(results: Iterable[ResultLike]) -> dict[str, np.ndarray]:
    """Return, for the digest of each run, its iterations times density [R], that of each segment at its end.

    Where masks are learned, gradients are of all weights, so that each iteration counts as a dense one.
    """
    return {result.run.digest: _own_cost(result.metrics, result.learned) for result in results}


def _own_cost(metrics: Mapping[str, np.ndarray], learned: bool) -> np.ndarray:
    density = metrics["density"][1:].astype(float)
    counted = np.ones_like(density) if learned else density
    return np.nansum(np.diff(metrics["step"])[:, None] * counted, axis=0)


def last_known(values: np.ndarray) -> np.ndarray:
    """Return each replicate's last value [R] of [S,R] that is not NaN."""
    last = len(values) - 1 - (~np.isnan(values))[::-1].argmax(axis=0)
    return np.take_along_axis(values, last[None], axis=0)[0]
