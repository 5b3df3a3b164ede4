"""Tables of finished trainings, one observation a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from lth_lib.report.stats.columns import COLUMNS
from lth_lib.report.stats.rows import Columns, ResultLike, accuracies_to_reach, last_known, own_costs, rows_of
from lth_lib.spec import require

Table: TypeAlias = pd.DataFrame
"""A tidy table: one observation a row, one quantity a column."""


class StudyLike(Protocol):
    """What a table asks of a study."""

    @property
    def runs(self) -> Sequence[Any]: ...
    @property
    def planned(self) -> Mapping[tuple[str, int], int]: ...
    def found(self, results: Any) -> Mapping[str, Mapping[int, Sequence[Any]]]: ...


def tidy(
    groups: Mapping[str, Mapping[int, Sequence[ResultLike]]],
    dense: Sequence[ResultLike] = (),
    others: Iterable[ResultLike] = (),
) -> Table:
    """Return a row for each series, run and replicate of `{series: {level: [results]}}`; `COLUMNS` says what is in it.

    Several results at one level are blocks of other seeds, or repeats with the same ones (`average_within`). With the
    `dense` results, `iterations_to_dense` is known; what a run was made from counts in its cost, so give it in
    `others` where it stands in no group.
    """
    every = [result for levels in groups.values() for results in levels.values() for result in results]
    targets, costs = accuracies_to_reach(dense), own_costs([*others, *every])
    parts: list[Columns] = [
        _named(rows_of(result, targets, costs), series=series, level=level)
        for series, levels in groups.items()
        for level, results in levels.items()
        for result in results
    ]
    require(bool(parts), "There are no results to tabulate; give {series: {level: [result, ...]}}.")
    table = _joined(parts)
    twice = table[table.duplicated(["series", "level", "digest", "seed"])]
    name = str(twice["digest"].min())[:12]
    require(twice.empty, f"Run {name} is given twice for one series and level; give it once.")
    return table[[name for name in COLUMNS if name in table]]


def _named(columns: Columns, **told: object) -> Columns:
    """Return columns with others that have one value for all rows."""
    count = len(next(iter(columns.values())))
    return columns | {name: [value] * count for name, value in told.items()}


def _joined(parts: Sequence[Columns]) -> Table:
    """Return the rows of all parts as one table; a column that a part has not is empty there."""
    rows = [len(next(iter(part.values()))) for part in parts]
    names = dict.fromkeys(name for part in parts for name in part)
    held = {name: [part.get(name, [np.nan] * count) for part, count in zip(parts, rows, strict=True)] for name in names}
    return pd.DataFrame({name: _column(values) for name, values in held.items()})


def _column(parts: Sequence[Sequence[Any] | np.ndarray]) -> Sequence[Any] | np.ndarray:
    """Return the values of all parts, of arrays as an array of their kind of number."""
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    return np.concatenate(arrays) if len(arrays) == len(parts) else [value for part in parts for value in part]


def by_study(
    studies: Mapping[str, StudyLike], compute: Callable[[Sequence[Any]], Mapping[Any, Any]]
) -> dict[str, Table]:
    """Return the tidy table of each study of which `compute` has a result."""
    results = {name: compute(study.runs) for name, study in studies.items()}
    return {name: tidy(studies[name].found(found)) for name, found in results.items() if len(found)}


def whole(studies: Mapping[str, StudyLike], compute: Callable[[Sequence[Any]], Mapping[Any, Any]]) -> dict[str, Table]:
    """Return the tidy table of each study all of whose trainings `compute` has: half a study says another thing."""
    found = by_study(studies, compute)
    return {name: table for name, table in found.items() if len(table) == sum(studies[name].planned.values())}


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
    # Of two columns: to take the rows of all of them takes many times as long.
    own = table.loc[(table["series"] == cell[0]) & (table["level"] == cell[1]), ["seed", y]]
    return own.groupby("seed", sort=False)[y].mean(skipna=False)


def curves(groups: Mapping[str, Sequence[ResultLike]], metric: str) -> Table:
    """Return series, seed, iteration and value of one metric of `{series: [results]}`, repeats averaged.

    Iterations are counted from each run's own start. Evaluations that no replicate has are left
    out; a replicate that diverged keeps its NaN.
    """
    table = _joined([_curve(result, metric, series) for series, results in groups.items() for result in results])
    keys = ["series", "seed", "iteration"]
    return table.groupby(keys, sort=False)["value"].mean(skipna=False).reset_index()


def _curve(result: ResultLike, metric: str, series: str) -> Columns:
    """Return series, seed, iteration and value of one metric of a finished training."""
    values, seeds = result.metrics[metric], result.run.seeds
    known = ~np.isnan(values).all(axis=1)
    at = (result.metrics["step"] - result.run.start)[known]
    long = {"iteration": np.repeat(at, len(seeds)), "seed": np.tile(seeds, len(at)), "value": values[known].ravel()}
    return _named(long, series=series)


def layers(levels: Mapping[int, Sequence[ResultLike]]) -> Table:
    """Return level, seed, density, layer and layer_density of `{level: [results]}`."""
    parts = [
        pd.DataFrame({"seed": result.run.seeds, "density": last_known(result.metrics["density"])}).assign(
            level=level, layer=name, layer_density=kept
        )
        for level, results in levels.items()
        for result in results
        for name, kept in result.layer_density.items()
    ]
    return pd.concat(parts, ignore_index=True)[["level", "seed", "density", "layer", "layer_density"]]


def layers_of(groups: Mapping[str, Mapping[int, Sequence[ResultLike]]], names: Mapping[str, str]) -> Table:
    """Return the `layers` of some series, under other names in the column series, a layer by its own name."""
    parts = [layers(groups[series]).assign(series=name) for series, name in names.items()]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(layer=table["layer"].str.removesuffix(".weight"))
