"""Layers share channels: what one writes, others read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from lth_lib.models.model import Layer
from lth_lib.spec import require


@dataclass(frozen=True)
class Channels:
    """Some channels: how many, the layers whose outputs are added to make them, and the layers that read them.

    Where feature maps were flattened, a channel is several inputs of its reader, one after the other.
    """

    width: int
    writers: tuple[Layer, ...]
    readers: tuple[Layer, ...]


def chained(*layers: Layer) -> tuple[Layer, ...]:
    """Return layers each of which reads what the one before it writes."""
    return (layers[0], *(replace(b, reads=a.writes) for a, b in pairwise(layers)))


def between(layers: tuple[Layer, ...]) -> dict[str, Channels]:
    """Return by name the channels between layers, those of the network's inputs and outputs apart."""
    written = {layer.writes for layer in layers}
    for layer in layers:
        require(layer.reads in ("", *written), f"{layer.name} reads {layer.reads!r}, which no layer writes.")
    read = {layer.reads for layer in layers}
    return {name: _channels(name, layers) for name in dict.fromkeys(layer.writes for layer in layers) if name in read}


def _channels(name: str, layers: tuple[Layer, ...]) -> Channels:
    writers = tuple(layer for layer in layers if layer.writes == name)
    readers = tuple(layer for layer in layers if layer.reads == name)
    width = writers[0].shape[0]
    for layer in writers:
        require(
            layer.shape[0] == width,
            f"{layer.name} writes {layer.shape[0]} channels and {writers[0].name} {width}; what is added is alike.",
        )
    for layer in readers:
        require(
            layer.shape[1] % width == 0,
            f"{layer.name} has {layer.shape[1]} inputs, no multiple of the {width} channels of {name!r} that it reads.",
        )
    return Channels(width, writers, readers)
