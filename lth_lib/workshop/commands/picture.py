"""`picture` draws the README's picture."""

from __future__ import annotations

import argparse

from lth_lib.experiments.studies import original
from lth_lib.report.figures import alt, by_density
from lth_lib.report.pictures import encode
from lth_lib.report.stats import tidy
from lth_lib.results.compute import compute
from lth_lib.results.store import HERE, StoreError, committed

PICTURE = HERE / "book" / "static" / "result.svg"


def run(given: argparse.Namespace) -> int:
    """Draw test accuracy against density from what is stored."""
    study, store = original("paper"), committed()
    results = compute(study.runs, store, partial=True)
    if not results:
        raise StoreError(f"There is nothing to draw in {store.results}; `make compute` makes results.")
    table = tidy(study.found(results))
    ax = by_density(table, "accuracy_at_end", title="LeNet-300-100 on MNIST")
    figure = ax.get_figure(root=True)
    assert figure is not None
    PICTURE.write_bytes(encode(figure))
    print(alt(table, "accuracy_at_end"))
    return 0
