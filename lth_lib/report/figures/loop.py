"""Train, prune, reset, repeat, drawn on a network of some twenty weights, which a slider steps through."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from lth_lib.spec import require

PHASES = {
    "start": ("Start", "Every weight begins at a random value."),
    "train": ("Train", "The weights move, and the network learns."),
    "prune": ("Prune", "The smallest weights of each layer go for good."),
    "reset": ("Reset", "Those that are left go back to the values they began with."),
    "ticket": ("The ticket", "What is left is trained once more."),
}
"""What is done, by name: its word, and a sentence of it."""

WIDTH, HEIGHT, EDGE = 560, 250, 44
THICKEST, THINNEST = 14.0, 1.2  # of the lines of weights, in the units of the picture


@dataclasses.dataclass(frozen=True)
class Moment:
    """What was done last; then the weights, and which are kept, by layer, [outputs, inputs]; the share read right."""

    phase: str
    weights: Mapping[str, np.ndarray]
    kept: Mapping[str, np.ndarray]
    right: float

    @property
    def left(self) -> int:
        """How many weights are left."""
        return sum(int(mask.sum()) for mask in self.kept.values())


def loop_html(moments: Sequence[Moment], *, name: str, start: int = 0) -> str:
    """Return the picture with its slider; where no script runs, it shows the moment `start` without one."""
    require(len(moments) > 1, f"{len(moments)} moments were given; a slider needs two or more.")
    require(0 <= start < len(moments), f"start was {start}; it is one of the {len(moments)} moments.")
    told = [_told(moment, moments[0]) for moment in moments]
    steps = escape(json.dumps([[moment.phase, *words] for moment, words in zip(moments, told, strict=True)]))
    head, text, described = told[start]
    pills = "".join(
        f'<li data-phase="{phase}"{_here(phase, moments[start])}>{PHASES[phase][0]}</li>'
        for phase in dict.fromkeys(moment.phase for moment in moments)
    )
    return (
        f'<div class="lth-loop" data-steps="{steps}"><ol aria-hidden="true">{pills}</ol>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(described)}">'
        f"{_network(moments, start)}</svg>"
        f'<label hidden>{escape(name)}<input type="range" min="0" max="{len(moments) - 1}" value="{start}" step="1" '
        f'aria-valuetext="{escape(f"{head}. {text}")}"></label>'
        f"<p><strong>{escape(head)}.</strong> <span>{escape(text)}</span></p></div>"
    )


def _here(phase: str, moment: Moment) -> str:
    return ' class="lth-here"' if phase == moment.phase else ""


def _told(moment: Moment, first: Moment) -> tuple[str, str, str]:
    """Return a moment's word, its sentence, and what its picture shows."""
    word, sentence = PHASES[moment.phase]
    left = f"{moment.left} of {first.left} weights"
    shapes = [weights.shape[1] for weights in moment.weights.values()]
    outputs = [*moment.weights.values()][-1].shape[0]
    units = f"{shapes[0]} inputs, {', '.join(map(str, shapes[1:]))} hidden units and {outputs} outputs"
    described = f"A network of {units}. {left} are left."
    return word, f"{sentence} It has {left} and reads {moment.right * 100:.3g} % of its examples right.", described


def _network(moments: Sequence[Moment], start: int) -> str:
    """Return a line for each weight, which knows what it is at every moment, and a disc for each unit."""
    weights, places = moments[0].weights, _places(moments[0])
    most = max(float(np.abs(matrix).max()) for moment in moments for matrix in moment.weights.values())
    lines = []
    for layer, (name, matrix) in enumerate(weights.items()):
        for (out, into), _ in np.ndenumerate(matrix):
            course = [_drawn(moment, name, (out, into), most) for moment in moments]
            (x1, y1), (x2, y2) = places[layer][into], places[layer + 1][out]
            lines.append(_line(x1, y1, x2, y2, course, start))
    discs = "".join(f'<circle cx="{x:g}" cy="{y:g}" r="15"/>' for column in places for x, y in column)
    return "".join(lines) + discs


def _drawn(moment: Moment, name: str, at: tuple[int, ...], most: float) -> float | None:
    """Return a weight as the thickness of its line, with its sign, or none where it is gone."""
    if not moment.kept[name][at]:
        return None
    value = float(moment.weights[name][at])
    return round(float(np.copysign(max(THICKEST * abs(value) / most, THINNEST), value)), 1)


def _line(x1: float, y1: float, x2: float, y2: float, course: Sequence[float | None], start: int) -> str:
    """Return one weight's line as it is at `start`."""
    now = course[start]
    look = "lth-gone" if now is None else "lth-minus" if now < 0 else "lth-plus"
    width = "" if now is None else f' style="stroke-width: {abs(now):g}"'
    every = json.dumps(course, separators=(",", ":"))
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{look}"{width} data-course="{every}"/>'


def _places(moment: Moment) -> list[list[tuple[float, float]]]:
    """Return where each unit stands, column by column from the inputs on."""
    matrices = [*moment.weights.values()]
    counts = [matrices[0].shape[1], *(matrix.shape[0] for matrix in matrices)]
    across = np.linspace(EDGE, WIDTH - EDGE, len(counts))
    gap = (HEIGHT - EDGE) / max(counts)
    return [
        [(float(x), HEIGHT / 2 + (place - (count - 1) / 2) * gap) for place in range(count)]
        for x, count in zip(across, counts, strict=True)
    ]
