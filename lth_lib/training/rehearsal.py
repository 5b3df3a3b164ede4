"""What prunes is tried on weights as they begin, before anything trains so that it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lth_lib import masks as mask_rules
from lth_lib.data import DataError
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.granularity import check_groups
from lth_lib.pruning.pruner import Pruner
from lth_lib.spec import Spec, SpecError, refuse, within
from lth_lib.training.probe import Probe, left
from lth_lib.training.recipe import Setting


def try_pruner(pruner: Pruner, setting: Setting, seed: int, device: str) -> None:
    """Raise `SpecError` unless a criterion can score what a training leaves, here one replicate of what it begins with.

    One round tells: what a criterion asks for, and what its scores look like, is the same in each. The granularity is
    to group what there is.
    """
    with _said_of(pruner.granularity, "group the weights", setting):
        check_groups(pruner.granularity, setting.layers)
    with _said_of(pruner.criterion, "score the weights", setting):
        pruner.scores(_begun(left(setting), seed, device))


def try_dynamics(setting: Setting, seed: int, device: str, *, dense: bool) -> None:
    """Raise `SpecError` unless a dynamics can score weights, and replace masks for the first time.

    This second only where a run begins `dense`: which masks others begin with is not known before their parents train.
    """
    dynamics = setting.recipe.dynamics
    if dynamics is None:
        return
    subject = _begun(setting, seed, device, dynamics.every)
    for pruner in within(dynamics, Pruner):
        with _said_of(pruner.granularity, "group the weights", setting):
            check_groups(pruner.granularity, setting.layers)
        with _said_of(pruner.criterion, "score the weights", setting):
            pruner.scores(subject)
    if dense:
        with _said_of(dynamics, "replace the masks", setting):
            new = dynamics.replace(subject.masks, subject, dynamics.every)
            mask_rules.check_replaced(new, subject.masks, subject.params, dynamics)


def _begun(setting: Setting, seed: int, device: str, step: int = 0) -> Subject:
    """Return one replicate of a network as it begins, whole, as what is to be scored."""
    params, statistics = setting.initial((seed,), device=device)
    weights = {name: params[name] for name in setting.kinds}
    params |= setting.recipe.forward.beside(weights, (seed,))
    probe = Probe(setting, statistics, (seed,), device)
    return Subject(weights, mask_rules.ones(weights), setting.layers, (seed,), step, params, probe)


@contextmanager
def _said_of(own: Spec, deed: str, setting: Setting) -> Iterator[None]:
    """Say in one sentence of whatever somebody's class raises what was asked of it."""
    try:
        yield
    except (SpecError, DataError):
        raise
    except Exception as fault:
        said = " ".join(str(fault).split())
        refuse(
            f"{own} cannot {deed} of {setting.model} on {type(setting.data).__name__} as they begin, "
            f"{type(fault).__name__}: {said}; nothing was trained."
        )
