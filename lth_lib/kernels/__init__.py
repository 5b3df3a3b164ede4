"""A kernel takes the steps: which one is a fixed table, made from measurements."""

from lth_lib import machine
from lth_lib.forward import Masked
from lth_lib.kernels.block import BlockKernel
from lth_lib.kernels.captured import CapturedKernel
from lth_lib.kernels.kernel import Kernel, Slots
from lth_lib.kernels.lifted import LiftedKernel
from lth_lib.kernels.looped import LoopedKernel
from lth_lib.kernels.one import correct, cross_entropy
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.recipe import Setting
from lth_lib.replicates import Tree

__all__ = [
    "BlockKernel",
    "CapturedKernel",
    "Kernel",
    "LiftedKernel",
    "LoopedKernel",
    "Slots",
    "choose",
    "correct",
    "cross_entropy",
]


def choose(setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> Kernel:
    """Return the kernel for a setting, masks and device: a fixed rule, so that resuming takes the same one.

    | device | network | kernel |
    |---|---|---|
    | CPU | `LeNet`, masked, float32 | blocks on a diagonal |
    | CPU | any other | one replicate after the other, channels last |
    | CUDA | any | vmapped, captured as a graph |
    """
    device = next(iter(params.values())).device
    machine.prepare(device)
    if device.type == "cuda":
        return CapturedKernel(LiftedKernel(setting, params, statistics, masks, slots))
    recipe = setting.recipe
    if isinstance(setting.model, LeNet) and isinstance(recipe.forward, Masked) and recipe.precision == "float32":
        return BlockKernel(setting, params, masks, slots)
    return LoopedKernel(setting, params, statistics, masks, slots)
