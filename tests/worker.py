"""A process that has imported everything and forks one for each training, so that twenty cost seconds.

It reads a line of JSON for each, kills it when told to, and answers how it ended. It forks and never trains:
what it has forked begins like a process that was started anew.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import tiny
import torch

import lth_lib.__main__ as app
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import Entry, Study, imp
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results import checkpoint, compute, engine
from lth_lib.results.provenance import commit, source
from lth_lib.workshop.commands import compute as command

SMALL = 1000
"""Bytes that a file may hold on a disk that is full; fewer than a checkpoint, weights or metrics have."""


def chain(steps: int) -> list[Run]:
    """Return a dense run and its ticket, with Adam."""
    return imp(tiny.setting(steps=steps), Pruner(), Geometric(0.5, 1), seeds=tiny.SEEDS)


def at_rename(number: int, act: Callable[[], object], *, after: bool = False) -> None:
    """Do something when so many files or folders have been renamed to what they are called, or just before."""
    rename, count = os.replace, 0

    def counted(source: Any, target: Any) -> None:
        nonlocal count
        count += 1
        if count == number and not after:
            act()
        rename(source, target)
        if count == number and after:
            act()

    os.replace = counted


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))


def obey_permissions() -> None:
    """Give up every capability of root, which may write what is read-only."""
    version, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if os.geteuid() == 0 and ctypes.CDLL(None).capset(version, nothing):
        raise OSError("root's capabilities could not be given up")


def note(folder: Path) -> None:
    """Write down every checkpoint that is written, and the step at which every training is resumed."""
    write, resume = checkpoint.write_bytes, checkpoint.resume

    def written(path: Path, content: bytes) -> None:
        write(path, content)
        with (folder / "written").open("a") as file:
            file.write(f"{path.parent.name}/{path.name}\n")

    def resumed(place: Path, state: Any) -> bool:
        found = resume(place, state)
        with (folder / "resumed").open("a") as file:
            file.write(f"{state.step if found else -1}\n")
        return found

    checkpoint.write_bytes, checkpoint.resume = written, resumed


def meet(folder: Path, place: str) -> None:
    """Wait until both of two processes are here."""
    (folder / f"{place}-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(folder.glob(f"{place}-*"))) < 2:
        assert time.monotonic() < until, "the other process did not come"
        time.sleep(0.001)


def meet_at(folder: Path, method: str) -> None:
    """Let two processes wait for each other whenever either comes to a method of the engine."""
    act, count = getattr(engine.Engine, method), itertools.count()

    def met(*arguments: Any) -> Any:
        meet(folder, f"{method}-{next(count)}")
        return act(*arguments)

    setattr(engine.Engine, method, met)


def work(folder: Path, job: dict[str, Any]) -> int:
    """Do what `python -m lth_lib compute` does, with a tiny chain in place of the book's runs; return its status."""
    runs = chain(job.get("steps", 40))
    study = Study(("dense",))
    for level, run in enumerate(runs):
        study.add("dense", level, run)
    os.environ |= {"LTH_RESULTS": str(folder / "results"), "LTH_STORE": str(folder / "scratch")}
    command.sample, command.ALL = lambda: runs[0], (Entry("tiny", "Does it train?", lambda scale: study, 1.0),)
    command.prove = lambda device: f"{device} is proven elsewhere."
    command.compute = partial(compute.compute, checkpoint_every=0)
    note(folder)
    for method in job.get("meet", ()):
        meet_at(folder, method)
    if "die" in job:
        at_rename(job["die"], die, after=job["after"])
    if "fill" in job:
        at_rename(job["fill"], fill, after=True)
    if "permissions" in job:
        obey_permissions()
    with (folder / "said").open("w") as said, contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        return app.main(["compute", "--quiet", "--device", job.get("device", "cpu")])


def launch(job: dict[str, Any]) -> int:
    """Fork a process for a job; return its number."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        status = work(Path(job["folder"]), job)
    except BaseException:
        traceback.print_exc()
    os._exit(status)


def fork(job: dict[str, Any]) -> tuple[int, float]:
    """Fork a process for a job, or some, and kill the first after so many seconds if told to.

    Return the first status that is not 0, else 0, and the seconds they lived.
    """
    began, children = time.monotonic(), [launch(job) for _ in range(job.get("together", 1))]
    if "seconds" in job:
        time.sleep(job["seconds"])
        os.kill(children[0], signal.SIGKILL)  # until it is waited for, the number is no other process's
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return next(filter(None, ended), 0), time.monotonic() - began


class Forker:
    """The other side: starts that process, and sends it jobs."""

    def __init__(self) -> None:
        self.process = tiny.python("import worker; worker.serve()", stdin=subprocess.PIPE)

    def __call__(self, folder: Path, **job: Any) -> tuple[int, float]:
        """Return how a process that computes the chain in a folder ended, and how long it lived."""
        folder.mkdir(exist_ok=True)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"folder": str(folder), **job}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, self.process.communicate()[1]
        return tuple(json.loads(answer))

    def close(self) -> None:
        self.process.communicate()


def serve() -> None:
    """Fork a process for each line."""
    commit()
    source()
    torch.set_num_threads(1)
    tiny.ADAM.build([torch.zeros(1)])  # imports most of torch
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)
