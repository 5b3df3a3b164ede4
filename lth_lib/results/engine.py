"""An engine trains runs on one device, and answers what tickets ask of finished runs."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lth_lib import masks as mask_rules
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import MaskSpec, Run
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.results import about, checkpoint
from lth_lib.results.about import About
from lth_lib.results.deadline import Deadline
from lth_lib.results.descent import UNKNOWN, compared
from lth_lib.results.progress import Progress, resumable
from lth_lib.results.provenance import commit, provenance, source
from lth_lib.results.store import Store, to_npz
from lth_lib.training.machine import return_freed_memory
from lth_lib.training.train import Trainer, TrainState, begin

MASK_BYTES = 2 << 20
HOW = "`make compute` trains them, and so does the parameter train=True"


class Missing(LookupError):
    """A run is not stored and may not be trained: says how many and the command that makes them."""


class Executor(ABC):
    """Where runs are trained."""

    @abstractmethod
    def finish(self, runs: Sequence[Run], engine: Engine) -> None:
        """Make the results and the weights of runs exist in the engine's store, and before them of what they need."""


@dataclass(frozen=True)
class Local(Executor):
    """Here, one after the other; `after` is called when one of them is finished."""

    after: Callable[[], object] | None = None

    def finish(self, runs: Sequence[Run], engine: Engine) -> None:
        """Train in the order given, parents first, when it is known of all that they can be."""
        for setting in dict.fromkeys(run.setting for run in runs):
            setting.check(setting.data.load(engine.device))
        for run in runs:
            if not engine.finished(run):
                engine.train_here(run)
            engine.progress.done(run)  # another process may have done it
            if self.after:
                self.after()


class Engine:
    """Makes runs exist in a store, and answers what tickets ask of finished runs."""

    def __init__(
        self,
        store: Store,
        device: str,
        checkpoint_every: float,
        progress: bool,
        *,
        train: bool = True,
        executor: Executor | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        """Hold where and how to train, whether it may, and until when; None trains here, and to the end."""
        self.store, self.device, self.checkpoint_every = store, device, checkpoint_every
        self.progress = Progress(progress)
        self.train, self.executor, self.deadline = train, executor or Local(), deadline or Deadline()
        self._taken: list[dict[str, Any]] = []
        if train:
            commit()
            source()

    def finished(self, run: Run) -> bool:
        """Say whether a run's result and its weights are there, and the weights whole."""
        return self.store.has(run) and self.store.read_weights(run.digest) is not None

    def finish(self, run: Run) -> None:
        """Make a run's result and its weights exist."""
        if self.finished(run):
            return
        if not self.train:
            raise Missing(f"Run {run.digest[:12]}, or its weights, are not stored here and this may not train; {HOW}.")
        self.executor.finish([run], self)

    def train_here(self, run: Run) -> None:
        """Train a run to its end, from its newest checkpoint, and store it; raises `Stopped` at the deadline."""
        self.deadline.begin()
        with self._taking():
            state, trainer, so_far = self._begin(run)
            with resumable(run):
                so_far.go_on(commit())
                self._advance(run, state, trainer, so_far)
                self._store(run, state, trainer, so_far)
        self.deadline.ended()
        self.progress.done(run)

    @contextmanager
    def _taking(self) -> Iterator[dict[str, Any]]:
        """Note whose weights are taken meanwhile, by digest, and how they differ from the stored results."""
        self._taken.append({})
        try:
            yield self._taken[-1]
        finally:
            self._taken.pop()

    def answer(self, question: Measurement, partial: bool) -> dict[str, np.ndarray] | None:
        """Return a measurement, stored or taken now; None if that would need training and `partial` may do without."""
        if self.store.has(question):
            return self.store.read_answer(question)
        try:
            began = time.monotonic()
            for run in question.runs():
                self._finished(run)
            with self._taking() as parents:
                values = question.answer(self)
        except Missing:
            if partial:
                return None
            raise
        if self.train:
            data = question.runs()[0].setting.data.load().fingerprint
            made = provenance("cpu", data, time.monotonic() - began, parents)
            self.store.write_answer(question, values, made)
        return values

    def _finished(self, run: Run) -> None:
        """Make a run's result exist; its weights may be gone."""
        if not self.store.has(run):
            self.finish(run)

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        """Return the parameters and statistics at a run's end, training it again where they are not kept."""
        self.finish(run)
        tensors = self.store.read_weights(run.digest)
        assert tensors is not None, "a finished run has weights"
        if self.train and self._taken and run.digest not in self._taken[-1]:
            with self._taking():  # to compare, it is pruned, and so asked for its weights
                self._taken[-1][run.digest] = UNKNOWN
                found = compared(self.store.read(run), _named("metrics/", tensors), self.store, self)
            self._taken[-1][run.digest] = found
        return _named("params/", tensors), _named("statistics/", tensors)

    def diverged(self, run: Run) -> torch.Tensor:
        """Return which replicates of a run diverged, bool [R]."""
        self._finished(run)
        return torch.from_numpy(self.store.read(run).metrics["diverged_at"] >= 0)

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        """Return the masks of a spec, from a result that holds them or made anew."""
        stored = self.store.find_masks(spec)
        return spec.make(run, self) if stored is None else stored

    def _begin(self, run: Run) -> tuple[TrainState, Trainer, About]:
        """Return the state at the newest checkpoint or the start, and what is known of the training until then."""
        ticket, device = run.ticket, self.device
        masks = {name: mask.to(device) for name, mask in self.masks(ticket.masks, run).items()}
        params, statistics = ticket.weights.make(run, self)
        diverged = torch.zeros(len(run.seeds), dtype=torch.bool)
        for parent in ticket.parents():
            diverged |= self.diverged(parent)
        params, statistics = ({name: value.to(device) for name, value in tree.items()} for tree in (params, statistics))
        state = begin(params, statistics, masks, run.start, diverged.to(device))
        folder = self.store.checkpoints(run.digest)
        so_far = about.read(folder) if checkpoint.resume(folder, state) else About()
        if so_far.parents is None:  # else what it began from, which may have been made again since
            so_far.parents = self._taken[-1]
        return state, Trainer(run.setting, run.seeds, run.order, state), so_far

    def _advance(self, run: Run, state: TrainState, trainer: Trainer, so_far: About) -> None:
        """Train segment by segment, writing checkpoints between them."""
        written = time.monotonic()
        with self.progress.steps(run, state.step) as bar:
            while state.step < run.stop or not state.history:
                before = state.step
                trainer.advance(run.stop)
                bar.update(state.step - before)
                late = self.deadline.near()
                if state.step < run.stop and (late or time.monotonic() - written > self.checkpoint_every):
                    trainer.check()
                    self._keep(run, state, so_far)
                    written = time.monotonic()
                    if late:
                        raise self.deadline.stopped(run, state.step)
        trainer.check()

    def _keep(self, run: Run, state: TrainState, so_far: About) -> None:
        """Write a checkpoint, which is not needed where another process has finished the run and removed its folder."""
        with suppress(FileNotFoundError):
            folder = self.store.checkpoints(run.digest)
            so_far.write(folder)
            checkpoint.write(folder, state)
        return_freed_memory()

    def _store(self, run: Run, state: TrainState, trainer: Trainer, so_far: About) -> None:
        """Write the weights with what was measured of them, then the result, then drop the checkpoints."""
        metrics = _metrics(state, trainer)
        weights = {f"params/{name}": value for name, value in state.params.items()}
        weights |= {f"statistics/{name}": value for name, value in state.statistics.items()}
        weights |= {f"metrics/{name}": torch.from_numpy(value) for name, value in metrics.items()}
        self.store.write_weights(run.digest, weights)
        data, kernel = trainer.arrays.fingerprint, trainer.made_with()
        made = provenance(self.device, data, so_far.spent(), so_far.parents, kernel, so_far.commits)
        self.store.write(run, metrics, self._unstored_masks(run, state), made)
        self.store.drop_checkpoints(run.digest)
        return_freed_memory()

    def _unstored_masks(self, run: Run, state: TrainState) -> Masks | None:
        """Return the masks if they can be made from nothing stored and are at most 2 MB packed and compressed."""
        known = not run.ticket.masks.found or self.store.find_masks(run.ticket.masks) is not None
        return None if known or len(to_npz(mask_rules.pack(state.masks))) > MASK_BYTES else state.masks


def _named(kind: str, tensors: Tree) -> Tree:
    """Return the tensors whose names begin with a kind, by the rest of their names."""
    return {name.removeprefix(kind): value for name, value in tensors.items() if name.startswith(kind)}


def _metrics(state: TrainState, trainer: Trainer) -> dict[str, np.ndarray]:
    """Return the history, [S] and [S, R], and what is measured once at the end, [R]."""
    out = {name: np.stack(rows).astype(np.float32) for name, rows in state.history.items()}
    out["step"] = np.stack(state.history["step"]).astype(np.int64)
    dead = (state.diverged_at >= 0).cpu().numpy()
    for when, weights in (("best", state.best), ("top", state.top), ("final", state.params | state.statistics)):
        for split in ("train", "test"):
            _, accuracy = trainer.evaluate(weights, getattr(trainer.arrays, split))
            gone = dead if when == "final" else state.best_loss.isinf().cpu().numpy()
            out[f"{when}_{split}_accuracy"] = np.where(gone, np.nan, accuracy).astype(np.float32)
    for name in ("best_step", "top_step", "diverged_at"):
        out[name] = getattr(state, name).cpu().numpy()
    for name, share in mask_rules.layer_density(state.masks).items():
        out[f"layer_density/{name}"] = share
    return out
