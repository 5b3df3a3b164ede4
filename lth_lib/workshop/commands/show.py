"""`show` prints one result."""

from __future__ import annotations

import argparse
import json

from lth_lib.results.store import committed, read_json, read_npz


def run(given: argparse.Namespace) -> int:
    """Print what is stored under a digest."""
    folder = committed().find(given.digest)
    for name in ("spec.json", "provenance.json"):
        print(json.dumps(read_json(folder / name), indent=1, sort_keys=True))
    metrics = read_npz(folder / "metrics.npz")
    for name in ("best_step", "best_test_accuracy", "final_test_accuracy", "diverged_at"):
        print(f"{name}: {metrics[name].tolist()}")
    return 0
