"""All that can be known is checked before anything trains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Run
from lth_lib.pruning.pruner import Pruner
from lth_lib.results.plan import plan
from lth_lib.results.store import Store
from lth_lib.spec import within
from lth_lib.training.machine import there
from lth_lib.training.recipe import Setting
from lth_lib.training.rehearsal import try_dynamics, try_pruner


def check(wanted: Iterable[Run | Measurement], store: Store, device: str) -> None:
    """Raise an error unless all that must be trained for what is wanted can be, as far as it is known.

    The store is tried, the data is loaded, each network is applied, each criterion scores. A device of another machine
    is not tried here.
    """
    store.check_writable()
    missing = [spec for spec in wanted if not store.has(spec)]
    asked = [run for spec in missing for run in ([spec] if isinstance(spec, Run) else spec.runs())]
    todo = [step.run for step in plan((run for run in asked if not store.has(run)), store)]
    store.set_folders_aside(todo)
    here = device if there(device) else "cpu"
    for setting in dict.fromkeys(run.setting for run in todo):
        setting.check(setting.data.load(here))
    for (pruner, setting), seed in dict(_pruned(todo, store)).items():
        try_pruner(pruner, setting, seed, here)
    for (setting, dense), seed in {(run.setting, not run.ticket.masks.level): run.seeds[0] for run in todo}.items():
        try_dynamics(setting, seed, here, dense=dense)


def _pruned(runs: Iterable[Run], store: Store) -> Iterator[tuple[tuple[Pruner, Setting], int]]:
    """Yield which pruners are to score what, and a seed of it, for masks that no result holds yet."""
    held = store.holders()
    for run in runs:
        for masks in within(run.ticket, Pruned):
            if masks.digest not in held:
                yield (masks.pruner, masks.run.setting), run.seeds[0]
