"""A recipe says how a network is trained."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import torch

from lth_lib.data import Arrays, Crops, Dataset, Images, check_arrays
from lth_lib.models import Layer, Model, check_layers, initial
from lth_lib.pruning.dynamics import Dynamics
from lth_lib.pruning.forward import Forward, Masked
from lth_lib.pruning.penalty import Penalty
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, added, require
from lth_lib.training import trial

LARGEST = math.log10(torch.finfo(torch.float32).max)
"""Of a learning rate, as a power of 10: steps are computed in float32."""

SMALLEST = torch.finfo(torch.float32).tiny
"""What is smaller is flushed to zero."""


@dataclass(frozen=True)
class Optimiser(Spec, ABC):
    """An element-wise optimiser, so that the replicate axis means nothing to it."""

    @abstractmethod
    def build(self, params: list[torch.Tensor]) -> torch.optim.Optimizer:
        """Return the optimiser of these tensors; its learning rate is set before every step."""


@dataclass(frozen=True)
class Adam(Optimiser):
    """Adam (Kingma & Ba 2015)."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        """Refuse numbers with which a step is none."""
        super().__post_init__()
        for name, value in (("beta1", self.beta1), ("beta2", self.beta2)):
            require(0 <= value < 1, f"{name} was {value!r}; it is 0 or more and below 1.")
        require(
            self.epsilon >= SMALLEST,
            f"epsilon was {self.epsilon!r}; it is {SMALLEST:.3g} or more, float32's smallest, or a pruned weight would "
            "be 0/0.",
        )

    def build(self, params: list[torch.Tensor]) -> torch.optim.Optimizer:
        """Return torch's fused Adam: one pass over weights, gradient and moments."""
        return torch.optim.Adam(params, betas=(self.beta1, self.beta2), eps=self.epsilon, fused=True)


@dataclass(frozen=True)
class SGD(Optimiser):
    """Stochastic gradient descent with momentum; weight decay is added to the gradient of every parameter."""

    momentum: float = 0.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers with which a step is none."""
        super().__post_init__()
        require(0 <= self.momentum < 1, f"momentum was {self.momentum!r}; it is 0 or more and below 1.")
        require(self.weight_decay >= 0, f"weight_decay was {self.weight_decay!r}; it is 0 or more.")

    def build(self, params: list[torch.Tensor]) -> torch.optim.Optimizer:
        """Return torch's fused SGD."""
        return torch.optim.SGD(params, lr=1.0, momentum=self.momentum, weight_decay=self.weight_decay, fused=True)


@dataclass(frozen=True)
class LearningRate(Spec, ABC):
    """A learning rate for every step."""

    @abstractmethod
    def at(self, step: int) -> float:
        """Return the learning rate of the step that follows `step` finished ones."""


@dataclass(frozen=True)
class Rate(LearningRate):
    """A learning rate: linear warm-up over `warmup` steps to `base`, then times `factor` at each of `drops`."""

    base: float
    warmup: int = 0
    drops: tuple[int, ...] = ()
    factor: float = 0.1

    def __post_init__(self) -> None:
        """Refuse rates that train nothing."""
        super().__post_init__()
        require(self.base > 0, f"The learning rate was {self.base!r}; it is a number above 0.")
        require(self.warmup >= 0, f"warmup was {self.warmup!r}; it is a number of steps, 0 or more.")
        require(all(drop >= 0 for drop in self.drops), f"drops was {self.drops!r}; they are steps, 0 or more.")
        require(self.factor > 0, f"factor was {self.factor!r}; it is what the rate is multiplied by, above 0.")
        largest = math.log10(self.base) + max(0.0, math.log10(self.factor)) * len(self.drops)
        require(
            largest < LARGEST,
            f"The learning rate would grow to 1e{largest:.0f}, base {self.base!r} times factor {self.factor!r} at each "
            f"of {len(self.drops)} drops; give a smaller base, or a factor below 1.",
        )

    def at(self, step: int) -> float:
        """Return the learning rate of the step that follows `step` finished ones."""
        warm = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        return self.base * warm * self.factor ** sum(step >= drop for drop in self.drops)


@dataclass(frozen=True)
class Recipe(Spec):
    """How a network is trained, for `steps` steps of `batch` images.

    A segment of `segment` steps ends with an evaluation on the validation split; every `test_every`
    steps the test split is evaluated too. `precision` is that of the products: "float32", or "bfloat16"
    by autocast, which changes the numbers (weights and optimiser stay float32). A `dynamics` replaces masks meanwhile.
    A `penalty` is added to the loss that is trained; all losses that are recorded are without.
    """

    optimiser: Optimiser
    rate: LearningRate
    batch: int
    steps: int
    segment: int = 100
    test_every: int = 500
    augment: Crops | None = None
    forward: Forward = field(default_factory=Masked)
    precision: str = added("float32")
    dynamics: Dynamics | None = added(None)
    penalty: Penalty | None = added(None)

    @property
    def remasks(self) -> bool:
        """Whether a training may end with other masks than it began with."""
        return self.dynamics is not None or self.forward.remasks

    def __post_init__(self) -> None:
        """Refuse lengths that do not fit each other."""
        super().__post_init__()
        for name in ("batch", "steps", "segment", "test_every"):
            value = getattr(self, name)
            require(value > 0, f"{name} was {value!r}; it is a whole number above 0.")
        known = ("float32", "bfloat16")
        require(self.precision in known, f"precision was {self.precision!r}; it is one of {known}.")
        require(
            self.test_every % self.segment == 0,
            f"test_every was {self.test_every}; it is a multiple of segment, {self.segment}.",
        )
        last = self.dynamics.until if self.dynamics else 0
        require(
            last < self.steps,
            f"Masks were to be replaced until step {last} of {self.steps}; the last replacement comes earlier.",
        )


@dataclass(frozen=True)
class Setting(Spec):
    """What is trained on what, and how."""

    data: Dataset
    model: Model
    recipe: Recipe

    def __post_init__(self) -> None:
        """Refuse a network that cannot be of this data."""
        super().__post_init__()
        check_layers(self.layers, f"{self.model} on inputs of {self.data.shape}")
        moved = self.recipe.augment is None or isinstance(self.data, Images)
        require(moved, f"augment was {self.recipe.augment}; it moves images, and {type(self.data).__name__} has none.")
        self.recipe.forward.check(self.layers)
        for asked in (self.recipe.dynamics, self.recipe.penalty):
            if asked is not None:
                asked.check(self.layers)

    def check(self, arrays: Arrays) -> None:
        """Raise `SpecError` for a recipe that cannot be carried out with the data set, once it is loaded."""
        check_arrays(self.data, arrays)
        total, batch, name = len(arrays.train.y), self.recipe.batch, type(self.data).__name__
        require(batch <= total, f"batch was {batch}; {name} has {total} images to train.")
        trial.check(self.model, self.data, arrays, batch)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the network, input first."""
        return self.model.layers(self.data.shape, self.data.classes)

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each weight of the network, by the parameter's name."""
        return self.model.kinds(self.data.shape, self.data.classes)

    def initial(self, seeds: tuple[int, ...], salt: str = "", device: str = "cpu") -> tuple[Tree, Tree]:
        """Return the initial parameters and running statistics of each seed, [R, ...]; another `salt` gives others."""
        return initial(self.model, self.data.shape, self.data.classes, seeds, salt, device)
