"""Make these runs exist."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import torch

from lth_lib import checkpoint
from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.measure import Measurement
from lth_lib.progress import Progress
from lth_lib.provenance import commit, provenance
from lth_lib.replicates import Tree
from lth_lib.store import Results, Store, write_bytes
from lth_lib.tickets import MaskSpec, Pruned, Run
from lth_lib.train import Trainer, TrainState, begin

MASK_BYTES = 1 << 20


HOW = "`make compute` trains them, and so does the parameter train=True"


class Missing(LookupError):
    """A run is not stored and may not be trained: says how many and the command that makes them."""


def compute(
    wanted: Iterable[Run | Measurement],
    store: Store,
    *,
    train: bool = False,
    partial: bool = False,
    device: str = "cpu",
    checkpoint_every: float = 60.0,
    progress: bool = True,
) -> Results:
    """Return the results of runs and the answers of measurements, training what is missing, parents first.

    Without leave to train a missing run raises `Missing`, or is left out if `partial`; a measurement is then taken
    of what is stored, but not stored. A run that is stopped is resumed from its newest checkpoint, written at most
    every `checkpoint_every` seconds.
    """
    asked = {spec.digest: spec for spec in wanted}
    questions = [spec for spec in asked.values() if isinstance(spec, Measurement)]
    runs = {spec.digest: spec for spec in asked.values() if isinstance(spec, Run)}
    todo = [run for run in runs.values() if not store.has(run)]
    if todo and not train and not partial:
        raise Missing(
            f"{len(todo)} of {len(runs)} runs are not stored in {store.results} and this may not train; {HOW}."
        )
    engine = Engine(store, device, checkpoint_every, progress, train=train)
    with engine.progress.of(todo if train else []):
        for run in runs.values() if train else []:
            if store.has(run):
                engine.drop_checkpoints(run)
            else:
                engine.finish(run)
            engine.progress.done(run)
        answers = {question.digest: engine.answer(question, partial) for question in questions}
    found = {digest: store.read(run) for digest, run in runs.items() if store.has(run)}
    return Results(found, {digest: answer for digest, answer in answers.items() if answer is not None})


class Engine:
    """Trains runs on one device, and answers what tickets ask of finished runs."""

    def __init__(
        self, store: Store, device: str, checkpoint_every: float, progress: bool, *, train: bool = True
    ) -> None:
        """Hold where and how to train, and whether it may."""
        self.store, self.device, self.checkpoint_every = store, device, checkpoint_every
        self.progress = Progress(progress)
        self.train = train
        if train:
            commit()

    def finish(self, run: Run) -> None:
        """Train a run to its end and store it, unless its result and its weights are there."""
        if self.store.has(run) and self.store.read_weights(run.digest) is not None:
            return
        if not self.train:
            raise Missing(f"Run {run.digest[:12]}, or its weights, are not stored here and this may not train; {HOW}.")
        with _resumable(run):
            state, trainer, earlier = self._begin(run)
            began = time.monotonic()
            self._advance(run, state, trainer, began - earlier)
            self._store(run, state, trainer, earlier + time.monotonic() - began)
        self.progress.done(run)

    def answer(self, question: Measurement, partial: bool) -> dict[str, np.ndarray] | None:
        """Return a measurement, stored or taken now; None if that would need training and `partial` may do without."""
        if self.store.has(question):
            return self.store.read_answer(question)
        try:
            began = time.monotonic()
            for run in question.runs():
                self._finished(run)
            values = question.take(self)
        except Missing:
            if partial:
                return None
            raise
        if self.train:
            data = question.runs()[0].setting.data.load().fingerprint
            self.store.write_answer(question, values, provenance(self.device, data, time.monotonic() - began))
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
        params = {k.removeprefix("params/"): v for k, v in tensors.items() if k.startswith("params/")}
        statistics = {k.removeprefix("statistics/"): v for k, v in tensors.items() if k.startswith("statistics/")}
        return params, statistics

    def diverged(self, run: Run) -> torch.Tensor:
        """Return which replicates of a run diverged, bool [R]."""
        self._finished(run)
        return torch.from_numpy(self.store.read(run).metrics["diverged_at"] >= 0)

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        """Return the masks of a spec, from a result that holds them or made anew."""
        stored = self.store.find_masks(spec)
        return spec.make(run, self) if stored is None else stored

    def _begin(self, run: Run) -> tuple[TrainState, Trainer, float]:
        """Return the state at the newest checkpoint or the start, and the seconds spent on it before."""
        ticket, device = run.ticket, self.device
        masks = {name: mask.to(device) for name, mask in self.masks(ticket.masks, run).items()}
        params, statistics = ticket.weights.make(run, self)
        diverged = torch.zeros(len(run.seeds), dtype=torch.bool)
        for parent in ticket.parents():
            diverged |= self.diverged(parent)
        params, statistics = ({name: value.to(device) for name, value in tree.items()} for tree in (params, statistics))
        state = begin(params, statistics, masks, run.start, diverged.to(device))
        folder, earlier = self._checkpoints(run), 0.0
        if checkpoint.resume(folder, state):
            with suppress(FileNotFoundError, ValueError):
                earlier = float((folder / "seconds").read_text())
        return state, Trainer(run.setting, run.seeds, run.order, state), earlier

    def _advance(self, run: Run, state: TrainState, trainer: Trainer, began: float) -> None:
        """Train segment by segment, writing checkpoints between them."""
        written = time.monotonic()
        with self.progress.steps(run, state.step) as bar:
            while state.step < run.stop or not state.history:
                before = state.step
                trainer.advance(run.stop)
                bar.update(state.step - before)
                if time.monotonic() - written > self.checkpoint_every and state.step < run.stop:
                    trainer.check()
                    self._keep(run, state, time.monotonic() - began)
                    written = time.monotonic()
        trainer.check()

    def _keep(self, run: Run, state: TrainState, seconds: float) -> None:
        """Write a checkpoint, which is not needed where another process has finished the run and removed its folder."""
        with suppress(FileNotFoundError):
            checkpoint.write(self._checkpoints(run), state)
            write_bytes(self._checkpoints(run) / "seconds", f"{seconds:.1f}".encode())

    def _store(self, run: Run, state: TrainState, trainer: Trainer, seconds: float) -> None:
        """Write the weights, then the result, then drop the checkpoints."""
        weights = {f"params/{name}": value for name, value in state.params.items()}
        weights |= {f"statistics/{name}": value for name, value in state.statistics.items()}
        self.store.write_weights(run.digest, weights)
        about = provenance(self.device, trainer.arrays.fingerprint, seconds)
        self.store.write(run, _metrics(state, trainer), self._unstored_masks(run, state), about)
        self.drop_checkpoints(run)

    def drop_checkpoints(self, run: Run) -> None:
        """Remove what a finished run needs no more; a process that was killed may have left it."""
        shutil.rmtree(self._checkpoints(run), ignore_errors=True)

    def _unstored_masks(self, run: Run, state: TrainState) -> Masks | None:
        """Return the masks if they can be made from nothing stored and are at most 1 MB packed."""
        bits = sum(mask.numel() for mask in state.masks.values())
        known = not isinstance(run.ticket.masks, Pruned) or self.store.find_masks(run.ticket.masks) is not None
        return None if known or bits > 8 * MASK_BYTES else state.masks

    def _checkpoints(self, run: Run) -> Path:
        return self.store.scratch / "checkpoints" / run.digest


def _metrics(state: TrainState, trainer: Trainer) -> dict[str, np.ndarray]:
    """Return the history, [S] and [S, R], and what is measured once at the end, [R]."""
    out = {name: np.stack(rows).astype(np.float32) for name, rows in state.history.items()}
    out["step"] = np.stack(state.history["step"]).astype(np.int64)
    dead = (state.diverged_at >= 0).cpu().numpy()
    for when, weights in (("best", state.best), ("final", state.params | state.statistics)):
        for split in ("train", "test"):
            _, accuracy = trainer.evaluate(weights, getattr(trainer.arrays, split))
            gone = dead if when == "final" else state.best_loss.isinf().cpu().numpy()
            out[f"{when}_{split}_accuracy"] = np.where(gone, np.nan, accuracy).astype(np.float32)
    for name in ("best_step", "diverged_at"):
        out[name] = getattr(state, name).cpu().numpy()
    for name, share in mask_rules.layer_density(state.masks).items():
        out[f"layer_density/{name}"] = share
    return out


@contextmanager
def _resumable(run: Run) -> Iterator[None]:
    """On Ctrl-C, say that the checkpoint is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        print(
            f"Stopped in run {run.digest[:12]} (level {run.level}). Its newest checkpoint and every finished run "
            "are kept; give the same command again to go on from there.",
            file=sys.stderr,
        )
        raise
