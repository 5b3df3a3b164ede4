"""The one table: whatever is stored, a row for each replicate of each run."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress

import pandas as pd

from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import ALL, Study
from lth_lib.report.stats import COLUMNS, Table, tidy
from lth_lib.results.at_hand import with_paths
from lth_lib.results.store import Place, Result, Results, Store, write_bytes
from lth_lib.results.stored import stored
from lth_lib.spec import require

ENDINGS = (".csv", ".parquet")


def check_name(name: Place | str) -> None:
    """Refuse a file whose ending does not say how a table is written there."""
    known = str(name).lower().endswith(ENDINGS)
    require(known, f"The table was to be written to {str(name)!r}; give a name that ends in {' or '.join(ENDINGS)}.")


def write_table(table: Table, path: Place) -> None:
    """Write a table to a file, whole or not at all, as its ending says."""
    check_name(path)
    file = io.BytesIO()
    if path.suffix.lower() == ".csv":
        table.to_csv(file, index=False)
    else:
        table.to_parquet(file, index=False)
    write_bytes(path, file.getvalue())


def one_table(store: Store) -> tuple[Table, list[str]]:
    """Return the rows of every stored run, and the digests of those whose specs cannot be read here.

    A run has a row in each study that it belongs to, or, of no study, one without.
    """
    studies = {(entry.name, scale): entry.build(scale) for entry in ALL for scale in entry.scales}
    known = {run.digest: run for study in studies.values() for run in study.runs}
    runs, unread = stored(store, known)
    results = with_paths(Results({digest: store.read(run) for digest, run in runs.items()}), store)
    parts = [_study(*key, _found(study, results), results) for key, study in studies.items()]
    parts.append(_study("", "", _of_none(results, known), results))
    return pd.concat(parts, ignore_index=True).reindex(columns=[*COLUMNS]), unread


Groups = Mapping[str, Mapping[int, Sequence[Result]]]
"""The results of each series and level."""


def _found(study: Study, results: Results) -> Groups:
    """Return what is stored of a study."""
    with suppress(LookupError):
        return study.found(results)
    return {}


def _of_none(results: Results, known: Mapping[str, object]) -> Groups:
    """Return, by level, the results that belong to no study, as a series without a name."""
    loose: dict[int, list[Result]] = {}
    for run, result in results.items():
        if run.digest not in known:
            loose.setdefault(run.level, []).append(result)
    return {"": loose}


def _study(name: str, scale: str, groups: Groups, results: Results) -> Table:
    """Return the rows of one study; where the dense run of some seeds is not stored, there is none to reach."""
    every = [result for levels in groups.values() for found in levels.values() for result in found]
    if not every:
        return pd.DataFrame()
    dense = groups.get("dense", {}).get(0, ())
    there = {seed for result in dense for seed in result.run.seeds}
    reach = dense if all(there.issuperset(result.run.seeds) for result in every) else ()
    spent = {result.run.digest: _seconds_with_search(result.run, results) for result in every}
    table = tidy(groups, reach, results.values())
    return table.assign(study=name, scale=scale, seconds_with_search=table["digest"].map(spent))


def _seconds_with_search(run: Run, results: Results) -> float:
    """Return the wall seconds of a run and of all that it was made from; NaN where some are not known."""
    every = [results[one].provenance.get("seconds") if one in results else None for one in run.trainings()]
    return sum((math.nan if own is None else float(own) for own in every), 0.0)
