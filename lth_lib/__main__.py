"""`python -m lth_lib compute` trains what is missing, `studies` lists what there is, `verify` checks what is stored.

`show DIGEST` prints one result, `bench` times this machine, `remake` trains committed runs again to compare,
`picture` draws the README's picture.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Sequence

from lth_lib import bench, remake
from lth_lib.chapters import check_device
from lth_lib.cluster import ClusterError, OnRay
from lth_lib.compute import compute
from lth_lib.data import DataError
from lth_lib.engine import Local
from lth_lib.figures import alt, by_density
from lth_lib.spec import SpecError, require
from lth_lib.stats import tidy
from lth_lib.store import HERE, StoreError, committed, read_json, read_npz
from lth_lib.studies import ALL, Entry, lenet, named, original, sample
from lth_lib.tickets import Run
from lth_lib.widgets import encode

PICTURE = HERE / "book" / "static" / "result.svg"
BLOCKS = "only the block of seeds that begins with one of these"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lth_lib", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("compute", help="train the runs of the book that are not stored yet")
    train.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    train.add_argument("--study", metavar="NAME", help="only one study, of those that `studies` lists")
    train.add_argument("--seeds", type=int, nargs="+", help=BLOCKS)
    train.add_argument("--ray", metavar="ADDRESS", help="train on the Ray cluster there; local starts one here")
    train.add_argument("--quiet", action="store_true", help="show no progress")
    commands.add_parser("studies", help="list the studies, with the runs that are done and to do")
    commands.add_parser("verify", help="check every stored result against its digest, hashes and shapes")
    show = commands.add_parser("show", help="print the spec, the provenance and the last numbers of a stored result")
    show.add_argument("digest", help="the digest of its spec, or the beginning of it")
    timed = commands.add_parser("bench", help="time this machine and write book/results/bench/<machine>.json")
    timed.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    timed.add_argument("--only", nargs="+", default=(), metavar="TABLE", help="only these tables")
    again = commands.add_parser("remake", help="train committed networks again and compare")
    again.add_argument("--deepest", type=int, default=7, help="the last level of the tickets")
    again.add_argument("--seeds", type=int, nargs="+", default=(), help=BLOCKS)
    again.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    again.add_argument("--kernels", type=int, metavar="SEED", help="compare two kernels on forty seeds from this one")
    commands.add_parser("picture", help="draw the README's picture from the stored results")
    given = parser.parse_args(arguments)
    try:
        return COMMANDS[given.command](given)
    except (SpecError, DataError, StoreError, ClusterError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def train_missing(given: argparse.Namespace) -> int:
    """Train the missing runs of the book's studies."""
    check_device(given.device, here=given.ray is None)
    executor = Local() if given.ray is None else OnRay(given.ray)
    every = [study.build("paper") for study in ([named(given.study)] if given.study else ALL)]
    runs = [*([] if given.study else [sample()]), *(run for study in every for run in study.runs)]
    firsts = sorted({run.seeds[0] for run in runs})
    unknown = sorted(set(given.seeds or ()) - set(firsts))
    require(not unknown, f"--seeds was {unknown}; the blocks of seeds begin with {firsts}.")
    runs = list(dict.fromkeys(run for run in runs if not given.seeds or run.seeds[0] in given.seeds))
    questions = [question for study in every for question in study.questions]
    asked = [question for question in questions if not given.seeds or set(question.runs()) <= set(runs)]
    how = {"device": given.device, "progress": not given.quiet, "executor": executor}
    results = compute([*runs, *asked], committed(), train=True, **how)
    print(f"{len(results)} of {len(runs)} runs and {len(asked)} measurements are stored.")
    return 0


def list_studies(given: argparse.Namespace) -> int:
    """Print a line for each study: its runs, how many are done, and the hours on one core that the others take."""
    store = committed()
    print(f"{'study':<15} {'runs':>5} {'done':>5} {'core hours to do':>17}   question")
    for entry in ALL:
        runs = entry.build("paper").runs
        done = [run for run in runs if store.has(run)]
        print(f"{entry.name:<15} {len(runs):>5} {len(done):>5} {hours(entry, runs, done):>17.1f}   {entry.question}")
    return 0


def hours(entry: Entry, runs: Sequence[Run], done: Collection[Run]) -> float:
    """Return the core hours of a study that are to come, as its share of steps and replicates."""
    work = {run: (run.stop - run.start) * len(run.seeds) for run in runs}
    return entry.core_hours * (1 - sum(work[run] for run in done) / sum(work.values()))


def verify(given: argparse.Namespace) -> int:
    """Print what is stored wrongly; return 1 if anything is."""
    store = committed()
    faults = store.verify()
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults and not any(store.folders()):
        print(f"There are no results in {store.results}; `make compute` makes them.", file=sys.stderr)
        return 1
    whole = sum(1 for kind in ("runs", "measurements") for _ in store.folders(kind)) - len(faults)
    print(f"{whole} results are whole, {len(faults)} are not.")
    return 1 if faults else 0


def show_result(given: argparse.Namespace) -> int:
    """Print what is stored under a digest."""
    folder = committed().find(given.digest)
    for name in ("spec.json", "provenance.json"):
        print(json.dumps(read_json(folder / name), indent=1, sort_keys=True))
    metrics = read_npz(folder / "metrics.npz")
    for name in ("best_step", "best_test_accuracy", "final_test_accuracy", "diverged_at"):
        print(f"{name}: {metrics[name].tolist()}")
    return 0


def picture(given: argparse.Namespace) -> int:
    """Draw test accuracy against density from what is stored."""
    study = original("paper")
    table = tidy(study.found(compute(study.runs, committed(), partial=True)))
    ax = by_density(table, "accuracy_at_end", title="LeNet-300-100 on MNIST")
    figure = ax.get_figure(root=True)
    assert figure is not None
    PICTURE.write_bytes(encode(figure))
    print(alt(table, "accuracy_at_end"))
    return 0


def time_machine(given: argparse.Namespace) -> int:
    """Time this machine, print the tables and write them."""
    check_device(given.device)
    known = (*bench.TABLES, "memory")
    unknown = sorted(set(given.only) - set(known))
    require(not unknown, f"--only was {unknown}; the tables are {', '.join(known)}.")
    path = bench.write(bench.bench(given.device, given.only))
    _, tables, memory = bench.read(path)
    print("\n".join([*bench.lines(tables, memory), f"Written to {path}."]))
    return 0


def make_again(given: argparse.Namespace) -> int:
    """Train dense networks and tickets again, beside the committed ones, and write what both found."""
    check_device(given.device)
    if given.kernels is not None:
        found = remake.two_kernels(lenet("paper"), remake.fresh(given.kernels), remake.STEPS)
        print(f"Written to {remake.write_kernels(found)}.")
        return 0
    runs = remake.chains(given.deepest, given.seeds)
    found = remake.remake(runs, committed().scratch / "remade", device=given.device)
    print(f"Written to {remake.write(found)}.")
    return 0


COMMANDS = {
    "compute": train_missing,
    "studies": list_studies,
    "verify": verify,
    "show": show_result,
    "bench": time_machine,
    "remake": make_again,
    "picture": picture,
}

if __name__ == "__main__":
    sys.exit(main())
