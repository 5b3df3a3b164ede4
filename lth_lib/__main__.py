"""`python -m lth_lib compute` trains what is missing; `python -m lth_lib verify` checks what is stored."""

from __future__ import annotations

import argparse
import sys

from lth_lib.compute import compute
from lth_lib.store import Store, committed
from lth_lib.studies import original, sample


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lth_lib", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("compute", help="train the runs of the book that are not stored yet")
    train.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    train.add_argument("--seeds", type=int, nargs="*", help="only the block of seeds that begins with one of these")
    train.add_argument("--quiet", action="store_true", help="show no progress")
    commands.add_parser("verify", help="check every stored result against its digest, hashes and shapes")
    given = parser.parse_args(arguments)
    return verify(committed()) if given.command == "verify" else train_missing(given)


def train_missing(given: argparse.Namespace) -> int:
    """Train the missing runs of the book's studies."""
    runs = [run for run in (sample(), *original("paper").runs) if not given.seeds or run.seeds[0] in given.seeds]
    results = compute(runs, committed(), train=True, device=given.device, progress=not given.quiet)
    print(f"{len(results)} of {len(runs)} runs are stored.")
    return 0


def verify(store: Store) -> int:
    """Print what is stored wrongly; return 1 if anything is."""
    faults = store.verify()
    for fault in faults:
        print(fault, file=sys.stderr)
    whole = sum(1 for _ in store.folders()) - len(faults)
    print(f"{whole} results are whole, {len(faults)} are not.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
