"""Training advances a state by one segment; the state is everything."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from lth_lib import masks as mask_rules
from lth_lib.data import Arrays, Crops, Split, normalise
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics import Dynamics
from lth_lib.replicates import Tree, stream
from lth_lib.training import kernels
from lth_lib.training.kernels import Batches
from lth_lib.training.probe import Probe
from lth_lib.training.recipe import Setting
from lth_lib.training.state import TrainState, freeze

PER_SEGMENT = ("valid_loss", "valid_accuracy", "test_loss", "test_accuracy", "train_loss", "train_accuracy")


DRAWN_TOGETHER = 100
"""Steps whose augmentation is drawn at once, so that a GPU seldom waits for it."""


class InvariantError(RuntimeError):
    """A masked weight is not zero: a fault of this library, never of its input."""


class Trainer:
    """Advances one state: the order of its batches, its kernel, and what is recorded of it."""

    def __init__(self, setting: Setting, seeds: tuple[int, ...], order: str, state: TrainState) -> None:
        """Load the data beside the state and choose the kernel; nothing is computed yet."""
        self.setting, self.seeds, self.order, self.state = setting, seeds, order, state
        self.device = str(state.diverged_at.device)
        self.arrays: Arrays = setting.data.load(self.device)
        setting.check(self.arrays)
        self.per_epoch = len(self.arrays.train.y) // setting.recipe.batch
        self._epoch: tuple[int, torch.Tensor] = (-1, torch.empty(0))
        self._drawn: tuple[int, torch.Tensor] = (-1, torch.empty(0))
        self.use(kernels.choose)

    def use(self, kernel: Callable[..., kernels.Kernel]) -> None:
        """Train on by the kernel that is chosen for the state's masks, or by one that is to be compared with it."""
        state, self._choose = self.state, kernel
        self._kernel = kernel(self.setting, state.params, state.statistics, state.masks, state.slots)

    def made_with(self) -> dict[str, str]:
        """Return which kernel trains, and the version of what compiles it."""
        return self._kernel.made_with()

    def advance(self, until: int) -> None:
        """Train to the end of the segment or to `until`, evaluate, and add a row to the history."""
        state, segment = self.state, self.setting.recipe.segment
        if not state.history:
            self._record(None, until)
        first, stop = state.step, min(until, (state.step // segment + 1) * segment)
        if first >= until:
            return
        watched = self.take(first, stop)
        self.save()
        state.step = stop
        self._watch(watched[:, 0], first)
        self._record(watched, until)

    def take(self, first: int, stop: int) -> torch.Tensor:
        """Take the steps from `first` to before `stop`; return loss and accuracy on their batches, [steps, 2, R]."""
        dynamics, watched = self.setting.recipe.dynamics, []
        while first < stop:
            if dynamics is not None and dynamics.due(first):
                self._replace(dynamics, first)
            until = stop if dynamics is None or first >= dynamics.until else min(stop, dynamics.next(first))
            rates = [self.setting.recipe.rate.at(step) for step in range(first, until)]
            watched.append(self._kernel.train(self._batches(first, until), rates))
            first = until
        return torch.cat(watched)

    def _replace(self, dynamics: Dynamics, step: int) -> None:
        """Give the state the masks of a dynamics, and choose a kernel for them, as one that resumes from here would."""
        state = self.state
        self.save()
        weights = {name: state.params[name] for name in self.setting.kinds}
        probe = Probe(self.setting, state.statistics, self.seeds, self.device)
        subject = Subject(weights, state.masks, self.setting.layers, self.seeds, step, state.params, probe)
        state.masks = dynamics.replace(state.begun, subject, step)
        mask_rules.check_replaced(state.masks, subject.masks, state.params, dynamics)
        for tree in (state.params, *state.slots.values()):
            mask_rules.establish({name: value for name, value in tree.items() if value.dim()}, state.masks)
        self.use(self._choose)

    def save(self) -> None:
        """Bring the weights and the optimiser of the state up to the steps that were taken."""
        self._kernel.save(self.state.params, self.state.statistics, self.state.slots)

    def _batches(self, first: int, stop: int) -> Batches:
        """Return the batches of some steps: each replicate's own images."""
        index = torch.stack([self._order(step // self.per_epoch)[step % self.per_epoch] for step in range(first, stop)])
        return Batches(index, lambda i: self._ready(index[i], first + i))

    def _ready(self, index: torch.Tensor, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the images [R, B, C, H, W] of an index, moved and normalised, and their labels [R, B]."""
        train = self.arrays.train
        # `index_select` is an eighth of the time of indexing by [R, B].
        x = train.x.index_select(0, index.flatten()).reshape(*index.shape, *train.x.shape[1:])
        y = train.y[index]
        augment = self.setting.recipe.augment
        if augment is not None:
            x = augment.apply(x.flatten(0, 1), self._moves(augment, step).flatten(0, 1)).reshape(x.shape)
        return normalise(x, self.arrays), y

    def _order(self, epoch: int) -> torch.Tensor:
        """Return the batches [steps, R, B] of one epoch, shuffled by each seed; the last, short one is left out."""
        if self._epoch[0] != epoch:
            total, count = len(self.arrays.train.y), self.per_epoch * self.setting.recipe.batch
            shuffles = [stream(s, "order", self.order, epoch).permutation(total)[:count] for s in self.seeds]
            rows = [shuffle.reshape(self.per_epoch, -1) for shuffle in shuffles]
            self._epoch = (epoch, self._there(np.stack(rows, 1)))
        return self._epoch[1]

    def _moves(self, augment: Crops, step: int) -> torch.Tensor:
        """Return the draws [R, B, 3] of one step; those of some steps go to the device together."""
        first, length = step - step % DRAWN_TOGETHER, DRAWN_TOGETHER
        if self._drawn[0] != first:
            batch = self.setting.recipe.batch
            draws = [
                [augment.draw(stream(seed, "augment", self.order, at), batch) for seed in self.seeds]
                for at in range(first, first + length)
            ]
            self._drawn = (first, self._there(np.array(draws)))
        return self._drawn[1][step - first]

    def _there(self, array: np.ndarray) -> torch.Tensor:
        """Return an array on the device; a GPU goes on computing while it is copied."""
        tensor = torch.from_numpy(array)
        return tensor.pin_memory().to(self.device, non_blocking=True) if self.device != "cpu" else tensor

    def evaluate(self, weights: Tree, split: Split) -> tuple[np.ndarray, np.ndarray]:
        """Return loss and accuracy [R] of parameters and statistics on a whole split."""
        state = self.state
        params, statistics = ({name: weights[name] for name in tree} for tree in (state.params, state.statistics))
        sums = self._kernel.evaluate(params, statistics, split, self.arrays)
        loss, accuracy = (sums / len(split.y)).cpu().numpy()
        return loss, accuracy

    def _watch(self, losses: torch.Tensor, first: int) -> None:
        """Freeze the replicates whose loss [steps, R] was not finite, now or before, and note the step of each."""
        bad = ~losses.isfinite()
        rows = bad.any(0) | (self.state.diverged_at >= 0)
        if bool(rows.any()):
            freeze(self.state, rows, first + 1 + bad.int().argmax(0))

    def _record(self, watched: torch.Tensor | None, until: int) -> None:
        """Evaluate the state, keep the best weights, and append a row to the history."""
        state, current = self.state, self.state.params | self.state.statistics
        row = dict.fromkeys(PER_SEGMENT, np.full(len(self.seeds), np.nan))
        row["valid_loss"], row["valid_accuracy"] = self.evaluate(current, self.arrays.valid)
        self._watch(torch.from_numpy(row["valid_loss"][None]).to(self.device), state.step - 1)
        if state.step % self.setting.recipe.test_every == 0 or state.step == until or watched is None:
            row["test_loss"], row["test_accuracy"] = self.evaluate(current, self.arrays.test)
        if watched is not None:
            row["train_loss"], row["train_accuracy"] = watched.double().mean(0).cpu().numpy()
        dead = (state.diverged_at >= 0).cpu().numpy()
        row = {name: np.where(dead, np.nan, value) for name, value in row.items()}
        row |= {"step": np.array(state.step), "density": self._density()}
        for name, value in row.items():
            state.history.setdefault(name, []).append(value)
        dynamics = self.setting.recipe.dynamics
        if dynamics is None or state.step > dynamics.until:  # before, it is another network
            self._keep_best(*(torch.from_numpy(row[f"valid_{name}"]) for name in ("loss", "accuracy")))

    def _density(self) -> np.ndarray:
        """Return the density [R] of what the loss sees."""
        _, masks = self.setting.recipe.forward.leaves(self.state.params, self.state.masks)
        return mask_rules.density(masks)

    def _keep_best(self, loss: torch.Tensor, accuracy: torch.Tensor) -> None:
        """Copy the weights of the replicates whose validation loss or accuracy, [R] each, is their best so far."""
        state = self.state
        loss, accuracy = loss.to(state.best_loss), accuracy.to(state.top_accuracy)
        lower, higher = loss < state.best_loss, accuracy > state.top_accuracy
        state.best_loss = torch.where(lower, loss, state.best_loss)
        state.best_step = torch.where(lower, state.step, state.best_step)
        state.top_accuracy = torch.where(higher, accuracy, state.top_accuracy)
        state.top_step = torch.where(higher, state.step, state.top_step)
        for better, kept in ((lower, state.best), (higher, state.top)):
            for row in better.nonzero().flatten().tolist():
                for name, value in (state.params | state.statistics).items():
                    kept[name][row] = value[row]

    def check(self) -> None:
        """Raise `InvariantError` if anything masked is not zero in the weights or the optimiser."""
        state = self.state
        alive = state.diverged_at < 0
        masks = {name: mask[alive] for name, mask in state.masks.items()}
        for tree in (state.params, *state.slots.values()):
            rows = {name: tree[name][alive] for name in masks if name in tree and tree[name].dim()}
            if count := mask_rules.violations(rows, masks):
                raise InvariantError(f"{count} masked entries are not zero at step {state.step}; nothing was kept.")
