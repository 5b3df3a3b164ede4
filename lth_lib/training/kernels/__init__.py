"""A kernel takes the steps: which one is a table, made from measurements."""

import importlib.util
import warnings

from lth_lib.data import Classification, Images
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.forward import Masked
from lth_lib.replicates import Tree
from lth_lib.spec.outside import ours
from lth_lib.training import machine
from lth_lib.training.kernels.captured import CapturedKernel
from lth_lib.training.kernels.kernel import Batches, Kernel, Slots, Stepwise
from lth_lib.training.kernels.lifted import LiftedKernel
from lth_lib.training.kernels.looped import LoopedKernel
from lth_lib.training.recipe import SGD, Adam, Setting

__all__ = [
    "Batches",
    "CapturedKernel",
    "Kernel",
    "LiftedKernel",
    "LoopedKernel",
    "Slots",
    "Stepwise",
    "choose",
    "compilable",
    "lifted_if_possible",
]

_FAULTS: dict[tuple[str, int], str] = {}
"""Why a setting's step cannot be lifted to so many replicates; empty where it can be."""


def choose(setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> Kernel:
    """Return the kernel for a setting, masks and device; one environment always takes the same, so resuming does.

    | device | network | kernel |
    |---|---|---|
    | CPU, with numba | `LeNet` on images, no batch norm, masked, float32, Adam or SGD, no penalty | compiled |
    | CPU | any other | one replicate after the other, channels last |
    | CUDA | any that can be vmapped | vmapped, captured as a graph |
    | CUDA | any other, such as one with an LSTM | one replicate after the other |
    """
    device = next(iter(params.values())).device
    machine.prepare(device)
    if device.type == "cuda":
        kernel = lifted_if_possible(setting, params, statistics, masks, slots)
        return CapturedKernel(kernel) if isinstance(kernel, LiftedKernel) else kernel
    if compilable(setting) and _numba():
        from lth_lib.training.kernels.compiled import CompiledKernel

        return CompiledKernel(setting, params, masks, slots)
    return LoopedKernel(setting, params, statistics, masks, slots)


def lifted_if_possible(setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> Stepwise:
    """Return the lifted kernel if it can take a step of a setting, else the one that loops, with a warning.

    What is the library's can; else it is tried, once in a process, on a batch whose gradient nobody takes.
    """
    key = setting.digest, len(next(iter(params.values())))
    own = (setting.model, setting.recipe.forward, setting.recipe.penalty, setting.data.task)
    known = all(one is None or ours(type(one)) for one in own)
    if not known and key not in _FAULTS:
        _FAULTS[key] = LiftedKernel(setting, params, statistics, masks, {}).fault()
        if _FAULTS[key]:
            name = type(setting.model).__name__
            warnings.warn(f"{name} trains one replicate after the other: vmap says {_FAULTS[key]}.", stacklevel=3)
    kernel = LoopedKernel if _FAULTS.get(key) else LiftedKernel
    return kernel(setting, params, statistics, masks, slots)


def compilable(setting: Setting) -> bool:
    """Say whether the compiled kernel trains such a setting; by exact types, since a subclass may do otherwise."""
    recipe = setting.recipe
    network = type(setting.model) is LeNet and not setting.model.norm
    known = network and type(recipe.forward) is Masked and type(recipe.optimiser) in (Adam, SGD)
    bytes_ = isinstance(setting.data, Images) and type(setting.data.task) is Classification
    plain = recipe.augment is None and recipe.penalty is None and recipe.precision == "float32"
    return known and bytes_ and plain


def _numba() -> bool:
    """Say whether numba is installed, and warn if it is not: a machine that trains on its GPU does without."""
    if importlib.util.find_spec("numba") is None:
        warnings.warn(
            "numba is not installed, so that fully connected networks take several times as long on this CPU; "
            "`pip install -r requirements.txt` installs it.",
            stacklevel=3,
        )
        return False
    return True
