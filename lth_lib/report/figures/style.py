"""How every figure looks: one style, one look for each series, one label for each quantity."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter

from lth_lib.report.stats import ITERATIONS, PERCENT, POINTS, Unit
from lth_lib.spec import require

NATS = Unit("nats", 1, ".4f")
INK = "#333333"


@dataclasses.dataclass(frozen=True)
class Quantity:
    """What an axis shows, and in which unit."""

    label: str
    unit: Unit

    @property
    def axis(self) -> str:
        """The label of an axis."""
        return f"{self.label} ({self.unit.name})"


QUANTITIES = {
    "density": Quantity("Weights remaining", PERCENT),
    "layer_density": Quantity("Weights remaining in the layer", PERCENT),
    "early_stop": Quantity("Early stop", ITERATIONS),
    "iterations_to_dense": Quantity("Dense accuracy reached", ITERATIONS),
    "accuracy_at_early_stop": Quantity("Test accuracy at early stopping", PERCENT),
    "accuracy_at_end": Quantity("Test accuracy at the end of training", PERCENT),
    "accuracy_at_best": Quantity("Test accuracy at the best validation accuracy", PERCENT),
    "accuracy_at_last": Quantity("Test accuracy at the last iteration", PERCENT),
    "train_accuracy_at_early_stop": Quantity("Training accuracy at early stopping", PERCENT),
    "train_accuracy_at_last": Quantity("Training accuracy at the last iteration", PERCENT),
    "gap_at_early_stop": Quantity("Train minus test accuracy, early stop", POINTS),
    "gap_at_last": Quantity("Train minus test accuracy, last iteration", POINTS),
    "cost": Quantity("Training, the search included", Unit("iterations of a dense network", 1, ",.0f")),
    "flops": Quantity("A forward pass of one example", Unit("operations", 1, ",.0f")),
    "bytes_best": Quantity("Weights in the smallest of the formats", Unit("bytes", 1, ",.0f")),
    "valid_loss": Quantity("Validation loss", NATS),
    "test_loss": Quantity("Test loss", NATS),
    "train_loss": Quantity("Training loss", NATS),
    "valid_accuracy": Quantity("Validation accuracy", PERCENT),
    "test_accuracy": Quantity("Test accuracy", PERCENT),
    "train_accuracy": Quantity("Training accuracy", PERCENT),
}
"""The columns and metrics that can be drawn."""


def quantity(name: str) -> Quantity:
    """Return how a column or metric is labelled."""
    require(name in QUANTITIES, f"{name!r} has no label; the quantities that can be drawn are {', '.join(QUANTITIES)}.")
    return QUANTITIES[name]


@dataclasses.dataclass(frozen=True)
class Look:
    """Colour, marker and line of a series: any one of them tells it from the others."""

    colour: str
    marker: str
    line: str | tuple[float, tuple[float, ...]]


_LOOKS = {
    "winning ticket": Look("#0072B2", "o", "-"),
    "re-initialised": Look("#D55E00", "s", "--"),
    "shuffled mask": Look("#009E73", "^", "-."),
    # The last that others may have: where there is no dense network, they look as they do beside it.
    "dense": Look("#555555", "D", (0, (1, 1))),
}
_OTHERS = (
    Look("#D860F0", "v", "-"),
    Look("#904830", "p", (0, (6, 1.5))),
    Look("#7030F0", "X", (0, (3, 1, 1, 1, 1, 1))),
    Look("#000000", "P", (0, (1, 2.5))),
)


def looks(series: Iterable[str]) -> dict[str, Look]:
    """Return a look for each series, in order; those of the book's main series never change.

    The main series have Okabe and Ito's colours; the others are those that the colour-blind tell apart from them best,
    of all that have three times the contrast of a white and of a dark page.
    """
    names = list(dict.fromkeys(series))
    free = [look for name, look in _LOOKS.items() if name not in names]
    spare = iter((*_OTHERS, *free))
    require(len(names) <= len(_OTHERS) + len(_LOOKS), f"{len(names)} series are too many for one figure; draw two.")
    return {name: _LOOKS[name] if name in _LOOKS else next(spare) for name in names}


def palette(*taken: str) -> tuple[Look, ...]:
    """Return the looks that are free beside some of the book's main series."""
    return (*_OTHERS, *(look for name, look in _LOOKS.items() if name not in taken))


def style() -> None:
    """Set Matplotlib's defaults for the book: readable in a column of 760 px, the same SVG at every build."""
    matplotlib.rcParams.update(
        {
            "figure.figsize": (7.6, 4.8),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "font.size": 12,
            "axes.titlesize": 13,
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.labelcolor": INK,
            "axes.edgecolor": "#888888",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.grid.which": "major",
            "axes.prop_cycle": cycler(color=[look.colour for look in (*_LOOKS.values(), *_OTHERS)]),
            "grid.color": "#e6e6e6",
            "grid.linewidth": 0.8,
            "xtick.color": INK,
            "ytick.color": INK,
            "lines.linewidth": 1.8,
            "lines.markersize": 6,
            "legend.frameon": False,
            "legend.fontsize": 11,
            "image.cmap": "viridis",
            "svg.fonttype": "none",
            "svg.hashsalt": "lth",
        }
    )


def new_axes(width: float = 7.6, height: float = 4.8) -> Axes:
    """Return the axes of a new figure of `width` by `height` inches, 100 px each.

    The figure is made without pyplot, which would keep every frame of every slider alive.
    """
    style()
    return Figure(figsize=(width, height), layout="constrained").subplots()


class Ticks(Formatter):
    """Ticks in the unit shown, all with as many decimals as the finest of them needs."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return one tick's text."""
        shown = [*(float(at) * self.scale for at in self.locs), x * self.scale]
        decimals = next((d for d in range(5) if all(abs(v - round(v, d)) < 1e-6 for v in shown)), 5)
        return f"{x * self.scale:z,.{decimals}f}"


def value_axis(ax: Axes, shown: Quantity) -> None:
    """Label the vertical axis with its quantity and unit."""
    ax.yaxis.set_major_formatter(Ticks(shown.unit.scale))
    ax.set_ylabel(shown.axis)
