"""`bench` times this machine."""

from __future__ import annotations

import argparse

from lth_lib.spec import require
from lth_lib.workshop import bench
from lth_lib.workshop.chapters import check_device


def run(given: argparse.Namespace) -> int:
    """Time this machine, print the tables and write them."""
    check_device(given.device)
    known = (*bench.TABLES, "memory")
    unknown = sorted(set(given.only) - set(known))
    require(not unknown, f"--only was {unknown}; the tables are {', '.join(known)}.")
    path = [bench.write_tables(taken) for taken in bench.bench(given.device, given.only)][-1]
    print("\n".join([*bench.lines(bench.read_tables(path)), f"Written to {path}."]))
    return 0
