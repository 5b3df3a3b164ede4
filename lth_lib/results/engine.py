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
from lth_lib.results.ending import measured, named, small
from lth_lib.results.progress import Progress, resumable
from lth_lib.results.provenance import commit, provenance, source
from lth_lib.results.store import Store
from lth_lib.training.machine import return_freed_memory
from lth_lib.training.state import TrainState, beginning
from lth_lib.training.train import Trainer

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
        self.deadline.started()
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
            made = provenance(self.device, data, time.monotonic() - began, parents)
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
                found = compared(self.store.read(run), named("metrics/", tensors), self.store, self)
            self._taken[-1][run.digest] = found
        return self._here(named("params/", tensors)), self._here(named("statistics/", tensors))

    def diverged(self, run: Run) -> torch.Tensor:
        """Return which replicates of a run diverged, bool [R]."""
        self._finished(run)
        return torch.from_numpy(self.store.read(run).metrics["diverged_at"] >= 0)

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        """Return the masks of a spec, from a result that holds them or made anew."""
        stored = self.store.find_masks(spec)
        return self._here(spec.make(run, self) if stored is None else stored)

    def _here(self, tensors: Tree) -> Tree:
        """Return tensors on the engine's device: what is made from them is computed there."""
        return {name: value.to(self.device) for name, value in tensors.items()}

    def end_masks(self, run: Run) -> Masks:
        """Return the masks that a run ends with: those it began with, or its own."""
        if not run.setting.recipe.remasks:
            return self.masks(run.ticket.masks, run)
        self._finished(run)
        stored = self.store.read_end_masks(run)
        if stored is None:
            self.finish(run)
            tensors = self.store.read_weights(run.digest)
            assert tensors is not None, "a finished run has weights"
            stored = named("masks/", tensors)
        return self._here(stored)

    def _begin(self, run: Run) -> tuple[TrainState, Trainer, About]:
        """Return the state at the newest checkpoint or the start, and what is known of the training until then."""
        ticket = run.ticket
        masks = self.masks(ticket.masks, run)
        params, statistics = map(self._here, ticket.weights.make(run, self))
        params |= run.setting.recipe.forward.beside({name: params[name] for name in masks}, run.seeds)
        diverged = torch.zeros(len(run.seeds), dtype=torch.bool)
        for parent in ticket.parents():
            diverged |= self.diverged(parent)
        state = beginning(params, statistics, masks, run.start, diverged.to(self.device))
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
            checkpoint.take(folder, state)
        return_freed_memory()

    def _store(self, run: Run, state: TrainState, trainer: Trainer, so_far: About) -> None:
        """Write the weights with what was measured of them, then the result, then drop the checkpoints."""
        recipe = run.setting.recipe
        params, masks = recipe.forward.leaves(state.params, state.masks)
        metrics = measured(state, trainer, masks)
        mask_rules.establish(params, masks)
        trees = {"params": params, "statistics": state.statistics, "masks": masks if recipe.remasks else {}}
        weights = {f"{kind}/{name}": value for kind, tree in trees.items() for name, value in tree.items()}
        weights |= {f"metrics/{name}": torch.from_numpy(value) for name, value in metrics.items()}
        self.store.write_weights(run.digest, weights)
        data, kernel = trainer.arrays.fingerprint, trainer.made_with()
        made = provenance(self.device, data, so_far.spent(), so_far.parents, kernel, so_far.commits)
        end = masks if recipe.remasks and small(masks) else None
        self.store.write(run, metrics, self._unstored_masks(run, state), made, end)
        self.store.drop_checkpoints(run.digest)
        return_freed_memory()

    def _unstored_masks(self, run: Run, state: TrainState) -> Masks | None:
        """Return the masks if they can be made from nothing stored and are at most 2 MB packed and compressed."""
        if not run.ticket.masks.found or self.store.find_masks(run.ticket.masks) is not None:
            return None
        return state.begun if small(state.begun) else None
