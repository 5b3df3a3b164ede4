"""Every study of the book, in the order in which it is trained: each beginning is a smaller book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lth_lib.experiments.studies.after import after, after_fashion
from lth_lib.experiments.studies.before import before, before_fashion
from lth_lib.experiments.studies.convolutional import convolutional
from lth_lib.experiments.studies.during import during, during_fashion
from lth_lib.experiments.studies.fashion import fashion, fashion_global
from lth_lib.experiments.studies.mnist import beginnings, fresh, one_shot, original, unit_pixels
from lth_lib.experiments.studies.parts import Study
from lth_lib.experiments.studies.patterns import patterns, patterns_fashion
from lth_lib.experiments.studies.photographs import photographs, photographs_narrow
from lth_lib.experiments.studies.scales import SCALES
from lth_lib.experiments.studies.sensitivity import sensitivity, sensitivity_fashion
from lth_lib.experiments.studies.slimming import slimming
from lth_lib.experiments.studies.structure import structure, structure_fashion
from lth_lib.experiments.studies.ways import ways, ways_fashion
from lth_lib.spec import require


@dataclass(frozen=True)
class Entry:
    """A study by name: what it asks, what makes it at a scale, its scales, and what it costs.

    `core_hours` is the time of all its trainings at scale "paper" on one core of a recent server, roughly; at another
    scale it is less by as much as there are fewer steps of replicates.
    """

    name: str
    question: str
    build: Callable[[str], Study]
    core_hours: float
    scales: tuple[str, ...] = tuple(SCALES)


ALL = (
    Entry("original", "Are there winning tickets in LeNet-300-100 on MNIST? Seeds 0 to 14.", original, 1.0),
    Entry("fresh", "The same on twenty fresh seeds, which the second edition of the rules judges.", fresh, 3.0),
    Entry("one-shot", "Is it enough to prune once?", one_shot, 0.8),
    Entry("beginnings", "What do the first thousand iterations look like?", beginnings, 0.3),
    Entry("fashion", "Are there winning tickets on Fashion-MNIST?", fashion, 0.7),
    Entry("fashion-global", "Should the layers compete?", fashion_global, 0.4),
    Entry("convolutional", "Are there winning tickets in Conv-2 on CIFAR-10?", convolutional, 2.5),
    Entry("unit-pixels", "Does it matter how pixels are scaled?", unit_pixels, 0.3),
    Entry("before", "How good is a network that is pruned before it is trained, on MNIST?", before, 0.4),
    Entry("before-fashion", "The same on Fashion-MNIST.", before_fashion, 0.5),
    Entry("during", "How good is a network that is pruned while it is trained, on MNIST?", during, 1.0),
    Entry("during-fashion", "The same on Fashion-MNIST.", during_fashion, 1.0),
    Entry(
        "after",
        "What does each criterion keep of a trained network on MNIST, fine-tuned or not?",
        after,
        0.6,
    ),
    Entry("after-fashion", "The same on Fashion-MNIST.", after_fashion, 0.7),
    Entry("structure", "Which whole units can go, and was the small network worth finding, on MNIST?", structure, 0.4),
    Entry("structure-fashion", "The same on Fashion-MNIST.", structure_fashion, 0.5),
    Entry("slimming", "Is a unit worth as much as the scale of the batch norm behind it?", slimming, 0.4),
    Entry("patterns", "What does N of M cost, beside free choice, on MNIST?", patterns, 0.9),
    Entry("patterns-fashion", "The same on Fashion-MNIST.", patterns_fashion, 0.9),
    Entry("sensitivity", "Which layer can spare how much, on MNIST?", sensitivity, 0.4),
    Entry("sensitivity-fashion", "The same on Fashion-MNIST.", sensitivity_fashion, 0.4),
    Entry("ways", "Back to the start, or on from where it is? Six ways to go on from pruned networks.", ways, 2.4),
    Entry("ways-fashion", "The same on Fashion-MNIST.", ways_fashion, 2.7),
    Entry("photographs", "Which methods hold for Conv-2 on CIFAR-10?", photographs, 5.0, ("paper", "quick")),
    Entry(
        "photographs-narrow",
        "Which methods hold for a Conv-2 of a quarter of the filters?",
        photographs_narrow,
        3.5,
        ("paper", "quick"),
    ),
)
"""Every study, most wanted first."""


def named(name: str) -> Entry:
    """Return the study of a name; raises `SpecError` if there is none."""
    found = [entry for entry in ALL if entry.name == name]
    require(bool(found), f"There is no study {name!r}; there are {', '.join(entry.name for entry in ALL)}.")
    return found[0]
