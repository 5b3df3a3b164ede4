"""What a stored spec says, as far as the library knows its classes, each as it was then."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any, TypeVar

from lth_lib.experiments.measure import Measurement
from lth_lib.models import Shapes
from lth_lib.pruning.pruner import Pruner
from lth_lib.results.store.files import read_json
from lth_lib.results.store.places import Place, StoreError
from lth_lib.spec import Spec, canonical, read
from lth_lib.training.recipe import Setting

Kind = TypeVar("Kind", bound=Spec)


def setting_of(spec: dict[str, Any]) -> Setting | None:
    """Return the setting of a run's spec, or None where the library does not know its classes as then."""
    return _known(Setting, spec["setting"])


def pruner_of(spec: dict[str, Any]) -> Pruner | None:
    """Return the pruner of a run's masks, or None where they are not pruned, or by what is not known."""
    return _known(Pruner, spec["ticket"]["masks"].get("pruner"))


def question_of(spec: dict[str, Any], runs: Place) -> Measurement | None:
    """Return a measurement of runs that are the stored ones but for their tickets, or None where it is not known.

    What an answer looks like depends on settings and seeds; the tickets name runs that may be stored elsewhere.
    """
    with suppress(LookupError, TypeError, ValueError, StoreError):
        found = read(_with_runs(spec, runs))
        if isinstance(found, Measurement) and found.version == spec["version"]:
            return found
    return None


def sizes(found: Shapes) -> dict[str, int]:
    """Return how many weights each layer has; biases, scales and shifts have one axis and are not counted."""
    return {name: math.prod(shape) for name, shape in found.items() if len(shape) > 1}


def _known(kind: type[Kind], data: Any) -> Kind | None:
    """Return the spec of some data, if it is of a kind and reads the same when it is written again."""
    with suppress(LookupError, TypeError, ValueError):
        found = read(data, own=True)
        if isinstance(found, kind) and canonical(found) == data:
            return found
    return None


def _with_runs(data: Any, runs: Place) -> Any:
    """Return a spec's data with what is stored of the runs in place of their digests, less their tickets."""
    if isinstance(data, list):
        return [_with_runs(item, runs) for item in data]
    if not isinstance(data, dict):
        return data
    if data.keys() != {"class", "digest"}:
        return {name: _with_runs(item, runs) for name, item in data.items()}
    stored = read_json(runs / data["digest"] / "spec.json")
    if setting_of(stored) is None:
        raise LookupError(data["digest"])
    return {name: item for name, item in stored.items() if name != "ticket"}
