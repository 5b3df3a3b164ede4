"""`python -m lth_lib compute` trains what is missing, `studies` lists what there is, `verify` checks what is stored.

`show DIGEST` prints one result, `table FILE` writes all of them as one table, `unbundle FILE` adds what another
machine has trained, `bench` times this machine, `remake` trains committed runs again to compare, `picture` draws the
README's picture, `playground` trains the races of the book's playground.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from lth_lib.data import DataError
from lth_lib.experiments.studies import SCALES
from lth_lib.results.cluster import ClusterError
from lth_lib.results.engine import Missing
from lth_lib.results.store import StoreError
from lth_lib.spec import SpecError
from lth_lib.training.proof import ProofError

SEEDS = "only the block of seeds that begins with one of these"
KEPT = [name for name, scale in SCALES.items() if scale.kept]
SCALE = "; ".join(f"{name}: {SCALES[name].meaning}" for name in KEPT)
DEVICE = "cpu, cuda or cuda:N"
PLACES = (
    "LTH_RESULTS (results) and LTH_STORE (weights and checkpoints) name folders or URLs, LTH_DATA (data sets) and "
    "LTH_CACHE (what is made again) folders; an empty one counts as unset, and ~ is your home."
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    given = parser().parse_args(arguments)
    try:
        # Imported when it is given: what draws, or times, needs packages that a machine for training may lack.
        return import_module(f"lth_lib.workshop.commands.{given.command}").run(given)
    except (SpecError, DataError, StoreError, ClusterError, ProofError, Missing, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    whole = argparse.ArgumentParser(prog="python -m lth_lib", description=__doc__, epilog=PLACES)
    commands = whole.add_subparsers(dest="command", required=True)
    train(commands.add_parser("compute", help="train the runs of the book that are not stored yet"))
    listed = commands.add_parser("studies", help="list the studies, with the runs that are done and to do")
    listed.add_argument("--scale", choices=KEPT, default=KEPT[0], help=SCALE)
    _with(
        commands.add_parser(
            "verify", help="check every stored result: digest, hashes, names, shapes, steps, ranges, densities"
        )
    )
    show = commands.add_parser("show", help="print the spec, the provenance and the last numbers of a stored result")
    show.add_argument("digest", help="the digest of its spec, or the beginning of it")
    table = commands.add_parser("table", help="write whatever is stored as one table, a row for each replicate")
    table.add_argument("file", nargs="?", help="a name that ends in .csv or .parquet")
    _with(table)
    table.add_argument("--columns", action="store_true", help="print what each column means")
    added = commands.add_parser("unbundle", help="check the results in a bundle, and add those that are not stored yet")
    added.add_argument("file", help="what `compute --bundle` has written")
    timed = commands.add_parser("bench", help="time this machine and write book/results/bench/<machine>.json")
    timed.add_argument("--device", default="cpu", help=DEVICE)
    timed.add_argument("--only", nargs="+", action="extend", default=[], metavar="TABLE", help="only these tables")
    again = commands.add_parser("remake", help="train committed networks again and compare")
    again.add_argument("--deepest", type=int, default=7, help="the last level of the tickets")
    again.add_argument("--seeds", type=int, nargs="+", action="extend", default=[], help=SEEDS)
    again.add_argument("--device", default="cpu", help=DEVICE)
    again.add_argument("--kernels", type=int, metavar="SEED", help="compare two kernels on forty seeds from this one")
    commands.add_parser("picture", help="draw the README's picture from the stored results")
    play = commands.add_parser("playground", help="train the races that stand beside a reader's own, in a browser")
    play.add_argument("--anew", action="store_true", help="train those again that are stored")
    return whole


def _with(command: argparse.ArgumentParser) -> None:
    """Say that a command may be told where classes of one's own are."""
    command.add_argument(
        "--with",
        dest="classes",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE.py",
        help="files or modules with your own classes",
    )


def train(command: argparse.ArgumentParser) -> None:
    """Say what `compute` may be given."""
    command.add_argument("--device", default="cpu", help=DEVICE)
    command.add_argument("--scale", choices=KEPT, default=KEPT[0], help=SCALE)
    command.add_argument("--study", metavar="NAME", help="only one study, of those that `studies` lists")
    command.add_argument("--seeds", type=int, nargs="+", action="extend", help=SEEDS)
    command.add_argument("--minutes", type=float, help="stop before so many minutes are over, with a checkpoint")
    command.add_argument("--bundle", metavar="FILE", help="pack what is trained into one file; go on from what it has")
    command.add_argument("--ray", metavar="ADDRESS", help="train on the Ray cluster there; local starts one here")
    command.add_argument("--quiet", action="store_true", help="show no progress")


if __name__ == "__main__":
    sys.exit(main())
