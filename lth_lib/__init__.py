"""The library of an executable book on the Lottery Ticket Hypothesis; the names that a user needs first are here.

`from lth_lib import Held, Module, Setting, imp, compute` and the others of `FROM`; a module is loaded when a name of
it is asked for, so that what draws needs no torch.
"""

import os
from importlib import import_module
from typing import Any

# Threads of OpenMP that wait for each other spin, for long by default: where another process needs the core, a product
# of small matrices then takes up to twenty times as long. They spin briefly, which costs nothing where nobody waits.
# OpenMP reads this when torch is loaded, which is after this file.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

FROM = {
    "data": "Held",
    "models": "LeNet Module",
    "pruning.pruner": "Pruner",
    "pruning.schedule": "Geometric",
    "training.recipe": "Adam Rate Recipe Setting",
    "experiments.run": "Run Ticket",
    "experiments.studies": "Study imp reinitialised shuffled",
    "results.store": "Store",
    "results.compute": "compute",
}
"""Where the names of this package come from."""

_PLACES = {name: place for place, names in FROM.items() for name in names.split()}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    """Return a name of the package, from the module that has it (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module 'lth_lib' has no attribute {name!r}; it has {', '.join(__all__)}, and folders.")
    return getattr(import_module(f"lth_lib.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    """Return all names."""
    return [*globals(), *__all__]
