"""A kernel takes the steps: vmapped over the replicates, or with their weights as blocks on a diagonal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from lth_lib import machine
from lth_lib.blocks import blocks
from lth_lib.forward import Masked
from lth_lib.masks import Masks
from lth_lib.models import BatchNorm
from lth_lib.recipe import Setting
from lth_lib.replicates import Tree, lift

Slots = dict[str, Tree]
"""The optimiser's tensors by slot ("exp_avg", ...) and parameter."""

Evaluated = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From images [N, C, H, W] and labels [N] to the sums [2, R] of loss and correct answers."""


Pieces = dict[str, list[torch.Tensor]]
"""A parameter in the pieces that its products read."""


class Kernel(ABC):
    """Takes steps for all replicates together, in place on the tensors it was given or on copies of its own."""

    @abstractmethod
    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float) -> torch.Tensor:
        """Take one step on images [R, B, C, H, W] and labels [R, B]; return loss and accuracy, [2, R]."""

    @abstractmethod
    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the function that evaluates these weights on images that all replicates share."""

    @abstractmethod
    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Write weights, statistics and optimiser back into the tensors of a state."""


def choose(setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> Kernel:
    """Return the kernel for a setting and masks: a fixed rule, so that resuming takes the same one."""
    device = next(iter(params.values())).device
    machine.prepare(device)
    layers = setting.model.layers(setting.data.shape, setting.data.classes)
    linear = all(len(layer.shape) == 2 and layer.bias and not layer.norm for layer in layers)
    if linear and device.type == "cpu" and isinstance(setting.recipe.forward, Masked):
        return BlockKernel(setting, params, masks, slots)
    return LiftedKernel(setting, params, statistics, masks, slots)


class Steps:
    """The optimiser over some tensors, begun from slots and able to give them back."""

    def __init__(self, setting: Setting, tensors: Tree, slots: Slots) -> None:
        """Build the optimiser and put the slots that there are into it."""
        self.tensors = tensors
        self.optimiser = setting.recipe.optimiser.build(list(tensors.values()))
        for slot, tree in slots.items():
            for name, value in tree.items():
                self.optimiser.state[tensors[name]][slot] = value

    def take(self, gradient: Tree, rate: float) -> None:
        """Take one step, and free the gradient before the next is made."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        for name, value in self.tensors.items():
            value.grad = gradient[name]
        self.optimiser.step()
        for value in self.tensors.values():
            value.grad = None

    def slots(self) -> Slots:
        """Return the optimiser's tensors."""
        out: Slots = {}
        for name, value in self.tensors.items():
            for slot, tensor in self.optimiser.state.get(value, {}).items():
                if tensor is not None:
                    out.setdefault(slot, {})[name] = tensor
        return out


class LiftedKernel(Kernel):
    """The gradient of one replicate, lifted to all; it works in place. Any network, any forward, any device."""

    def __init__(self, setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> None:
        """Lift the gradient and the evaluation."""
        self.setting, self.params, self.statistics = setting, params, statistics
        self.factors = {name: mask.to(params[name].dtype) for name, mask in masks.items()}
        self.steps = Steps(setting, params, slots)
        self._gradient = lift(torch.func.grad(self._loss, has_aux=True))
        self._sums = lift(self._sums_of_one, in_dims=(0, 0, 0, None, None))

    def _loss(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor, y: torch.Tensor) -> tuple:
        """Return one replicate's mean loss; beside it loss and accuracy, and the moved statistics."""
        norm = BatchNorm(statistics, training=True)
        logits = self.setting.model.apply(self.setting.recipe.forward.seen(params, masks), x, norm)
        loss = cross_entropy(logits, y).mean()
        return loss, (torch.stack([loss.detach(), correct(logits, y).mean()]), norm.moved)

    def _sums_of_one(
        self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor, y: torch.Tensor
    ) -> torch.Tensor:
        norm = BatchNorm(statistics, training=False)
        logits = self.setting.model.apply(self.setting.recipe.forward.seen(params, masks), x, norm)
        return torch.stack([cross_entropy(logits, y).sum(), correct(logits, y).sum()])

    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float) -> torch.Tensor:
        """Take one step."""
        gradient, (watched, moved) = self._gradient(self.params, self.factors, self.statistics, x, y)
        self.steps.take(gradient, rate)
        for name, value in moved.items():
            self.statistics[name].copy_(value)
        return watched.T

    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the lifted evaluation of these weights."""
        return lambda x, y: self._sums(params, self.factors, statistics, x, y).T

    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Give back the slots; the rest is in place."""
        slots.update(self.steps.slots())


class BlockKernel(Kernel):
    """The replicates are one network whose weights are blocks on a diagonal: linear layers on a CPU.

    Where few weights survive a layer holds the survivors only, and so does its optimiser.
    """

    def __init__(self, setting: Setting, params: Tree, masks: Masks, slots: Slots) -> None:
        """Gather weights and slots."""
        self.setting = setting
        self.blocks = {name: blocks(mask) for name, mask in masks.items()}
        self.pieces = {name: [piece.requires_grad_() for piece in own] for name, own in self._gather(params).items()}
        held = {slot: _numbered(self._gather(tree)) for slot, tree in slots.items()}
        self.steps = Steps(setting, _numbered(self.pieces), held)

    def _gather(self, tree: Tree) -> Pieces:
        """Return the pieces of weights; biases [R, out] are flat; a scalar is there for each piece."""
        return {name: self._gather_one(name, value) for name, value in tree.items()}

    def _gather_one(self, name: str, value: torch.Tensor) -> list[torch.Tensor]:
        if not value.dim():
            return [value.clone() for _ in self.pieces[name]]
        return self.blocks[name].gather(value) if name in self.blocks else [value.flatten().clone()]

    def _logits(self, pieces: Pieces, x: torch.Tensor, replicates: int, shared: str = "") -> torch.Tensor:
        """Return the logits [R, classes, B] of inputs [B, R * features], or [B, features] if they are shared."""
        p: dict[str, Any] = {name: own[0] for name, own in pieces.items() if name not in self.blocks}
        p |= {name: block.on(pieces[name], shared=name == shared) for name, block in self.blocks.items()}
        logits = self.setting.model.apply(p, x, BatchNorm({}, training=False))
        return logits.T.reshape(replicates, -1, x.shape[0])

    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float) -> torch.Tensor:
        """Take one step."""
        features = x.flatten(2).transpose(1, 2).reshape(-1, x.shape[1])
        logits = self._logits(self.pieces, features.T, x.shape[0])
        losses = F.cross_entropy(logits, y, reduction="none").mean(1)
        tensors = self.steps.tensors
        gradient = torch.autograd.grad(losses.sum(), list(tensors.values()))
        with torch.no_grad():
            self.steps.take(dict(zip(tensors, gradient, strict=True)), rate)
        # The same first maximum as `argmax`, in a sixth of the time.
        accuracy = (logits.max(1).indices == y).to(losses.dtype).mean(1)
        return torch.stack([losses.detach(), accuracy])

    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the evaluation of these weights."""
        pieces, first = self._gather(params), next(iter(self.blocks))
        replicates = params[first].shape[0]

        def sums(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                logits = self._logits(pieces, x.flatten(1).T.contiguous().T, replicates, shared=first)
                labels = y.expand(replicates, -1)
                losses = F.cross_entropy(logits, labels, reduction="none").sum(1)
                return torch.stack([losses, (logits.max(1).indices == labels).to(losses.dtype).sum(1)])

        return sums

    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Scatter weights and slots back; what is pruned stays zero."""
        with torch.no_grad():
            self._scatter(self.pieces, params)
            for slot, tree in self.steps.slots().items():
                own = slots.setdefault(slot, {})
                held = {name: [tree[key] for key in _keys(name, pieces)] for name, pieces in self.pieces.items()}
                for name, (first, *_) in held.items():
                    if name not in own:
                        own[name] = torch.zeros_like(params[name]) if first.dim() else first.clone()
                self._scatter(held, own)

    def _scatter(self, pieces: Pieces, into: Tree) -> None:
        for name, own in pieces.items():
            if name in self.blocks and own[0].dim():
                self.blocks[name].scatter(own, into[name])
            else:
                into[name].copy_(own[0].reshape(into[name].shape))


def _keys(name: str, pieces: list[torch.Tensor]) -> list[str]:
    return [f"{name}[{i}]" for i in range(len(pieces))]


def _numbered(tree: Pieces) -> Tree:
    """Return the pieces by name and number."""
    return {key: piece for name, pieces in tree.items() for key, piece in zip(_keys(name, pieces), pieces, strict=True)}


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the loss [B] of logits [B, classes] and labels [B]."""
    return -F.log_softmax(logits, 1).gather(1, y[:, None]).squeeze(1)


def correct(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return 1 where the largest logit is the label's, else 0, [B]."""
    return (logits.argmax(1) == y).to(logits.dtype)
