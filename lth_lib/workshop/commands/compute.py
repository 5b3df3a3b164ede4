"""`compute` trains what is missing of the book's studies, the most wanted first."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import ALL, named, sample
from lth_lib.results.bundle import Bundle
from lth_lib.results.cluster import OnRay
from lth_lib.results.compute import compute
from lth_lib.results.deadline import Deadline, Stopped
from lth_lib.results.engine import Local
from lth_lib.results.store import Store, check_writable, committed
from lth_lib.spec import require
from lth_lib.training.proof import prove
from lth_lib.workshop.chapters import check_device

Part = list[Run | Measurement]
"""The runs of a study, and what they are asked."""


def run(given: argparse.Namespace) -> int:
    """Train the missing runs, study by study, until all are there or the time is over."""
    deadline, store = Deadline(given.minutes), committed()
    check_device(given.device, here=given.ray is None)
    alone = given.ray is None or (given.minutes is None and given.bundle is None)
    require(alone, "--minutes and --bundle are of a training on this machine; leave out either them or --ray.")
    parts = wanted(given)
    every = dict.fromkeys(spec for part in parts for spec in part)
    if not all(store.has(spec) for spec in every):
        store.check_writable()
    if given.bundle:
        check_writable(Path(given.bundle).absolute().parent)
    if given.device != "cpu" and given.ray is None:
        print(prove(given.device))
    with _bundled(given.bundle, store, list(every)) as bundle:
        executor = Local(bundle.update if bundle else None) if given.ray is None else OnRay(given.ray)
        how = {"device": given.device, "progress": not given.quiet, "executor": executor, "deadline": deadline}
        # On a cluster all studies at once, so that none of its machines waits for the end of another study.
        for part in parts if given.ray is None else [[*every]]:
            compute(part, store, train=True, **how)
    _count(list(every), store)
    return 0


def wanted(given: argparse.Namespace) -> list[Part]:
    """Return the parts that are asked for: one study or all, at a scale, of all seeds or some."""
    entries = [named(given.study)] if given.study else ALL
    studies = [entry.build(given.scale) for entry in entries if given.scale in entry.scales]
    whole = given.scale == "paper" and not given.study
    parts: list[tuple[list[Run], list[Measurement]]] = [([sample()] if whole else [], [])]
    parts += [(study.runs, study.questions) for study in studies]
    firsts = sorted({one.seeds[0] for runs, _ in parts for one in runs})
    unknown = sorted(set(given.seeds or ()) - set(firsts))
    require(not unknown, f"--seeds was {unknown}; the blocks of seeds begin with {firsts}.")
    chosen = {one for runs, _ in parts for one in runs if not given.seeds or one.seeds[0] in given.seeds}
    return [
        [*(one for one in runs if one in chosen), *(q for q in questions if not given.seeds or set(q.runs()) <= chosen)]
        for runs, questions in parts
    ]


@contextmanager
def _bundled(file: str | None, store: Store, every: Part) -> Iterator[Bundle | None]:
    """Go on from a bundle, if one is named, and write it at the end, however that comes; say why if it is early."""
    bundle = Bundle(Path(file), store, every) if file else None
    try:
        yield bundle
    except Stopped as reason:
        print(reason)
    finally:
        if bundle:
            print(bundle.close())


def _count(every: Part, store: Store) -> None:
    """Say how much of what was wanted is there."""
    there = [(isinstance(spec, Run), store.has(spec)) for spec in every]
    runs, questions = ([has for is_run, has in there if is_run == kind] for kind in (True, False))
    print(f"{sum(runs)} of {len(runs)} runs and {sum(questions)} of {len(questions)} measurements are stored.")
