"""Training advances a state by one segment; the state is everything."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from lth_lib import masks as mask_rules
from lth_lib.data import Arrays, Crops, Split, normalise
from lth_lib.masks import Masks
from lth_lib.replicates import Tree, stream
from lth_lib.training import kernels
from lth_lib.training.kernels import Batches, Slots
from lth_lib.training.recipe import Setting

PER_SEGMENT = ("valid_loss", "valid_accuracy", "test_loss", "test_accuracy", "train_loss", "train_accuracy")


DRAWN_TOGETHER = 100
"""Steps whose augmentation is drawn at once, so that a GPU seldom waits for it."""


class InvariantError(RuntimeError):
    """A masked weight is not zero: a fault of this library, never of its input."""


@dataclass
class TrainState:
    """Everything mutable of one training, all replicates together.

    `slots` holds the optimiser's tensors, `best` the parameters and statistics at each replicate's
    first minimum of validation loss, `top` those at its first maximum of validation accuracy,
    `diverged_at` the step at which its loss ceased to be finite (-1: never), `history` the metrics
    of each evaluation so far, [R] each, beside `step`, the step of each.
    """

    step: int
    params: Tree
    statistics: Tree
    masks: Masks
    best: Tree
    best_loss: torch.Tensor
    best_step: torch.Tensor
    top: Tree
    top_accuracy: torch.Tensor
    top_step: torch.Tensor
    diverged_at: torch.Tensor
    slots: Slots = field(default_factory=dict)
    history: dict[str, list[np.ndarray]] = field(default_factory=dict)


def begin(params: Tree, statistics: Tree, masks: Masks, start: int, diverged: torch.Tensor) -> TrainState:
    """Return the state before the first step, the masks established; replicates in `diverged` [R] stay frozen."""
    # What comes transposed is laid out anew: kernels take views of a state's rows.
    params, statistics, masks = (
        {name: value.clone(memory_format=torch.contiguous_format) for name, value in tree.items()}
        for tree in (params, statistics, masks)
    )
    mask_rules.check(masks, params)
    mask_rules.establish(params, masks)
    rows = diverged.shape[0]
    device = diverged.device
    state = TrainState(
        step=start,
        params=params,
        statistics=statistics,
        masks=masks,
        best={name: value.clone() for name, value in (params | statistics).items()},
        best_loss=torch.full((rows,), torch.inf, device=device),
        best_step=torch.full((rows,), start, device=device),
        top={name: value.clone() for name, value in (params | statistics).items()},
        top_accuracy=torch.full((rows,), -torch.inf, device=device),
        top_step=torch.full((rows,), start, device=device),
        diverged_at=torch.full((rows,), -1, device=device),
    )
    _freeze(state, diverged, torch.full((rows,), start, device=device))
    return state


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
        self._kernel = kernels.choose(setting, state.params, state.statistics, state.masks, state.slots)

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
        watched = self._take(first, stop)
        self._kernel.save(state.params, state.statistics, state.slots)
        state.step = stop
        self._watch(watched[:, 0], first)
        self._record(watched, until)

    def _take(self, first: int, stop: int) -> torch.Tensor:
        """Take the steps from `first` to before `stop`; return loss and accuracy on their batches, [steps, 2, R]."""
        rates = [self.setting.recipe.rate.at(step) for step in range(first, stop)]
        return self._kernel.train(self._batches(first, stop), rates)

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
            _freeze(self.state, rows, first + 1 + bad.int().argmax(0))

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
        row |= {"step": np.array(state.step), "density": mask_rules.density(state.masks)}
        for name, value in row.items():
            state.history.setdefault(name, []).append(value)
        self._keep_best(*(torch.from_numpy(row[f"valid_{name}"]) for name in ("loss", "accuracy")))

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


def _freeze(state: TrainState, rows: torch.Tensor, step: torch.Tensor) -> None:
    """Set the surviving weights of some replicates, bool [R], to NaN for good, and note the step of each, [R].

    A kernel may go on training copies of its own. What the optimiser makes of those is not kept either: a process
    that resumes from this state has none of them.
    """
    state.diverged_at = torch.where(rows & (state.diverged_at < 0), step, state.diverged_at)
    for row in rows.nonzero().flatten().tolist():
        for name, value in state.params.items():
            value[row] = torch.nan
            if name in state.masks:
                value[row].masked_fill_(~state.masks[name][row], 0)
        for tree in state.slots.values():
            for value in tree.values():
                if value.dim():
                    value[row] = 0
