"""Runs are trained on a Ray cluster, each as one task, after those it is made from."""

from __future__ import annotations

import importlib.util
import logging
import os
import platform
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from types import ModuleType
from typing import Any, ClassVar

import numpy
import torch

from lth_lib.experiments.run import Run
from lth_lib.results.engine import Engine, Executor
from lth_lib.results.plan import Step, plan
from lth_lib.results.provenance import source
from lth_lib.results.store import Store, local
from lth_lib.spec import require

PATIENCE = 90.0
"""Seconds in which what one machine wrote is to be seen by another: network file systems keep listings for a minute."""


class ClusterError(RuntimeError):
    """A cluster cannot train what was asked: says which run, why, and what to do."""


@dataclass(frozen=True)
class OnRay(Executor):
    """On the Ray cluster at an address, or on one started here ("local"); a run whose worker dies is tried again.

    A task takes as many cores as torch has threads here, so that it computes the same bits, and one GPU if the
    device is "cuda". All machines share the store.
    """

    here: ClassVar[bool] = False
    address: str = "local"
    retries: int = 3

    def __post_init__(self) -> None:
        """Refuse where Ray is not installed, before anything trains."""
        _ray()

    def finish(self, runs: Sequence[Run], engine: Engine) -> None:
        """Train each run that is missing in a task of its own, independent ones at once.

        Ray could itself keep tasks waiting for others. But then it would start those that wait for a failed one, and
        to cancel them in that moment ends this process (Ray 2.60).
        """
        _check(engine)
        waiting = {step.run.digest: step for step in plan(runs, engine.store)}
        steps = list(waiting.values())
        ray = self._connected()
        submit = self._submitter(ray, engine)
        tasks: dict[Any, Run] = {}
        engine.progress.expect([step.run for step in steps])
        with _cancelled(ray, tasks):
            while waiting or tasks:
                unfinished = {*waiting, *(run.digest for run in tasks.values())}
                for step in [*waiting.values()]:
                    if unfinished.isdisjoint(run.digest for run in step.after):
                        tasks[submit(waiting.pop(step.run.digest))] = step.run
                done, _ = ray.wait(list(tasks), num_returns=len(tasks), timeout=0.5)
                for ref in done:
                    run = tasks.pop(ref)
                    _result(ray, ref, run)
                    engine.progress.done(run)
        _await([step.run for step in steps], engine.store)

    def _connected(self) -> ModuleType:
        """Return Ray, connected to the cluster; this process stays connected to the first it names."""
        ray = _ray()
        if not ray.is_initialized():
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
            here = {"include_dashboard": False} if self.address == "local" else {}
            try:
                _knock(self.address)
                ray.init(self.address, logging_level=logging.ERROR, **here)
            except (OSError, RuntimeError, ValueError) as fault:
                said = str(fault).splitlines()[0]
                raise ClusterError(f"No Ray cluster answers at {self.address!r} ({said}); start one first.") from fault
        return ray

    def _submitter(self, ray: ModuleType, engine: Engine) -> Callable[[Step], Any]:
        """Return the function that hands a step to Ray and returns its task."""
        threads = torch.get_num_threads()
        gpus = 1 if engine.device == "cuda" else 0
        _warn_unless_it_fits(ray, threads, gpus)
        task = ray.remote(num_cpus=threads, num_gpus=gpus, max_retries=self.retries)(_train)
        how = (engine.store, engine.device, engine.checkpoint_every, threads, made_with())
        return lambda step: task.options(name=f"level {step.run.level}, {step.run.digest[:12]}").remote(step, *how)


def _knock(address: str) -> None:
    """Raise `OSError` if nobody listens at an address such as host:6379: Ray itself goes on trying for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


def made_with() -> dict[str, str]:
    """Return what must be the same on every machine for the bits to be."""
    return {
        "lth_lib": source(),
        "numba": version("numba") if importlib.util.find_spec("numba") else "none",  # which decides on the kernel
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _train(
    step: Step, store: Store, device: str, checkpoint_every: float, threads: int, wanted: dict[str, str]
) -> None:
    """Train one run on a worker."""
    found = made_with()
    if found != wanted:
        raise ClusterError(f"A worker has {found}, but this process {wanted}; give all machines one environment.")
    torch.set_num_threads(threads)
    _await(step.after, store)
    store.tell(step.holders)
    Engine(store, device, checkpoint_every, progress=False).finish(step.run)


def _await(runs: Sequence[Run], store: Store) -> None:
    """Wait until finished runs are seen here, which takes a while on some network file systems."""
    until = time.monotonic() + PATIENCE
    for run in runs:
        while not (store.has(run) and store.has_weights(run.digest)):
            if time.monotonic() > until:
                raise ClusterError(
                    f"Run {run.digest[:12]} was trained on another machine, but its result or weights are not in "
                    f"{store.results} and {store.scratch} as seen here; name places that all machines share."
                )
            time.sleep(0.2)


def _check(engine: Engine) -> None:
    """Refuse a device or a store that tasks on other machines could not use."""
    require(
        engine.device in ("cpu", "cuda"),
        f"device was {engine.device!r}; on Ray it is 'cpu' or 'cuda', and the cluster chooses which GPU.",
    )
    for where in (engine.store.results, engine.store.scratch):
        shared = local(where) or getattr(where, "protocol", "") != "memory"
        require(shared, f"The store is in {where}, which no other process sees; name a folder or a URL that all share.")


def _warn_unless_it_fits(ray: ModuleType, cores: int, gpus: int) -> None:
    """Warn where no machine can take a task now: Ray would wait without a word for one that can."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(one.get("CPU", 0) >= cores and one.get("GPU", 0) >= gpus for one in machines):
        warnings.warn(
            f"A task takes {cores} cores and {gpus} GPUs, which no machine of the cluster has now; it waits for one. "
            "The cores are torch's threads here: OMP_NUM_THREADS sets them.",
            stacklevel=2,
        )


def _ray() -> ModuleType:
    """Return Ray, or say how to install it."""
    try:
        import ray
    except ImportError:
        raise ClusterError(
            "Ray is not installed here; `pip install -r requirements-ray.txt` installs it, and the executor 'local' "
            "does without."
        ) from None
    return ray


def _result(ray: ModuleType, ref: Any, run: Run) -> None:
    """Raise what a task raised as it raised it, or say that Ray could not run it."""
    try:
        ray.get(ref)
    except ray.exceptions.RayError as fault:
        cause = getattr(fault, "cause", None)
        if cause is not None and not isinstance(cause, ray.exceptions.RayError):
            raise cause from fault
        kind, said = type(cause or fault).__name__, str(cause or fault).splitlines()[0]
        raise ClusterError(
            f"Ray gave run {run.digest[:12]} up ({kind}: {said}); its newest checkpoint and every finished run are "
            "kept, give the same command again to go on from there."
        ) from fault


@contextmanager
def _cancelled(ray: ModuleType, tasks: dict[Any, Run]) -> Iterator[None]:
    """Whatever ends the wait ends the tasks too; what they have stored stays."""
    try:
        yield
    except BaseException as fault:
        for ref in tasks:
            ray.cancel(ref)
        if tasks:
            ray.wait(list(tasks), num_returns=len(tasks), timeout=10)
        if isinstance(fault, KeyboardInterrupt):
            print(
                "Stopped. The newest checkpoint of each run and every finished run are kept; give the same command "
                "again to go on from there.",
                file=sys.stderr,
            )
        raise
