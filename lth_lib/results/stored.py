"""What is stored is runs again, read from the specs beside the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any

from lth_lib.experiments.run import Run
from lth_lib.results.store import Store, StoreError, read_json, whole
from lth_lib.spec import read


def stored(store: Store, known: Mapping[str, Run]) -> tuple[dict[str, Run], list[str]]:
    """Return each stored run by digest, and the digests of those that cannot be read; `known` ones are not read.

    A run can be read if those that it is made from are stored or known, and its classes are the library's, or your own
    that have been imported and are as they were then.
    """
    folders = {folder.name: folder for folder in store.folders() if whole(folder)}
    specs: dict[str, Any] = {}
    for digest in folders.keys() - known.keys():
        with suppress(StoreError):
            specs[digest] = read_json(folders[digest] / "spec.json")
    runs = dict(known)
    with suppress(CycleError):  # no digest is of what names itself: such specs are none, and are not read
        for digest in TopologicalSorter({digest: [*_named(spec)] for digest, spec in specs.items()}).static_order():
            if digest not in runs and (run := _read(specs.get(digest), runs)) and run.digest == digest:
                runs[digest] = run
    return {digest: runs[digest] for digest in folders if digest in runs}, sorted(folders.keys() - runs.keys())


def _named(data: Any) -> Iterator[str]:
    """Yield the digests of the runs that a spec's data name."""
    if isinstance(data, dict) and data.keys() == {"class", "digest"}:
        yield str(data["digest"])
    elif isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _named(item)


def _read(data: Any, runs: Mapping[str, Run]) -> Run | None:
    """Return the run of a spec's data, or None if it is of something that is not known here."""
    with suppress(LookupError, TypeError, ValueError):
        found = read(_with(data, runs), own=True)
        return found if isinstance(found, Run) else None
    return None


def _with(data: Any, runs: Mapping[str, Run]) -> Any:
    """Return a spec's data with the runs themselves in place of their digests."""
    if isinstance(data, list):
        return [_with(item, runs) for item in data]
    if not isinstance(data, dict):
        return data
    return runs[data["digest"]] if data.keys() == {"class", "digest"} else {k: _with(v, runs) for k, v in data.items()}
