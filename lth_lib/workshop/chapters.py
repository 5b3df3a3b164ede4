"""A chapter's parameters are checked before anything trains."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from lth_lib import environment
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import scaled
from lth_lib.results.cluster import OnRay
from lth_lib.results.compute import compute
from lth_lib.results.engine import Executor, Local
from lth_lib.results.store import Results, Store, committed, place
from lth_lib.spec import require
from lth_lib.training.machine import check_device

PARAMETERS = ("scale", "device", "train", "executor")
EXECUTORS = ("local", "ray")
_LEFT_BY_IPYTHON = {"In": list, "Out": dict}


def begin(names: Mapping[str, Any], *, live: bool = False) -> Callable[[Iterable[Run | Measurement]], Results]:
    """Check a notebook's parameters and return the `compute` of the chapter, from runs and measurements to results.

    `names` are the notebook's globals after its parameters cell. At the scales "paper" and "small" results come from
    the book's store, and what is missing is left out unless `train`. At scale "quick", and in a `live`
    chapter, everything is trained here and now, into a store that is never committed. The page says so.
    """
    _check_names(names)
    scale, device, train = names["scale"], names["device"], names["train"]
    size = scaled(scale)
    fresh = live or not size.kept
    require(isinstance(train, bool), f"train was {train!r}; it is True (train what is missing) or False.")
    executor = names["executor"]
    require(executor in EXECUTORS, f"executor was {executor!r}; it is one of {', '.join(map(repr, EXECUTORS))}.")
    check_device(device, here=executor == "local")
    if scale != "paper" and not live:
        from IPython.display import Markdown, display  # where nothing is drawn there is none

        display(Markdown(f"*Scale {scale}: {size.meaning}. The words speak of scale paper.*"))
    store = _fresh() if fresh else committed()
    # Only long work shows its progress: on a built page, and when two executions are compared, a bar is noise.
    how = {"train": fresh or train, "partial": not (fresh or train), "device": device, "progress": not fresh}
    return partial(compute, store=store, executor=executor_named(executor), **how)


def executor_named(name: str) -> Executor:
    """Return what trains here, or on the Ray cluster at the address `RAY_ADDRESS` (where unset, one started here)."""
    return OnRay(os.environ.get("RAY_ADDRESS") or "local") if name == "ray" else Local()


def _check_names(names: Mapping[str, Any]) -> None:
    """Refuse a parameter that does not exist: papermill would only warn, and train with the defaults."""
    plain = (str, int, float, bool, list, tuple, dict, type(None))
    given = {name for name, value in names.items() if isinstance(value, plain) and not name.startswith("_")}
    known = {*PARAMETERS, *(name for name, kind in _LEFT_BY_IPYTHON.items() if isinstance(names.get(name), kind))}
    # In a live notebook this cell may run again, when later cells have left names of their own: it has then left
    # `compute`, which a parameter of that name is not.
    again = isinstance(names.get("compute"), partial)
    unknown = [] if again else sorted(given - known)
    require(not unknown, f"There is no parameter {', '.join(unknown)}; a chapter has {', '.join(PARAMETERS)}.")
    missing = [name for name in PARAMETERS if name not in names]
    require(not missing, f"The parameters cell does not set {', '.join(missing)}; it sets {', '.join(PARAMETERS)}.")


def _fresh() -> Store:
    """Return a store in the place that `LTH_STORE` names, or in a new folder that goes with the process."""
    named = environment.named("LTH_STORE")
    if not named:
        folder = tempfile.TemporaryDirectory(prefix="lth-")
        _kept.append(folder)
        named = folder.name
    return Store(place(named) / "quick", named)


_kept: list[tempfile.TemporaryDirectory[str]] = []
