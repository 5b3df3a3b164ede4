"""Where every weight lies when a network is trained dense: in panels of 64 outputs, and what a step works in.

Weights lie in panels of 64 outputs, [panels, inputs, 64], so that those of all inputs fit the cache while all images
go through them. Activations are [images, units], so that an image's zeros are known before any weight is read. A
normalised pixel is scale * pixel + shift and never zero, so the shift is kept apart: times the weights it is a
constant, which is added to the bias.
"""

from __future__ import annotations

from typing import NamedTuple

from lth_lib.training.kernels.compiled.cache import inlined
from lth_lib.training.kernels.compiled.ends import LANES, Array, load, number, splat
from lth_lib.training.kernels.compiled.updates import Slotted
from lth_lib.training.kernels.compiled.vectors import at, store


class Panels(NamedTuple):
    """A network's weights and biases, layer after layer, in whole panels.

    Of each layer `layers` holds the inputs, the panels, and where its weights, its units and what it reads begin;
    units are numbered in whole panels too. `kept` and `free` are the bits of the masks of weights and biases, a word
    for each 64. `shifts` is the shift of what each input reads, and `constants` that of all times the weights.
    """

    layers: Array
    weights: Slotted
    biases: Slotted
    kept: Array
    free: Array
    scale: Array
    shifts: Array
    constants: Array


class Room(NamedTuple):
    """What a step works in.

    `pixels` are those of the batch without their shift, [pixels, images]; `activations` and `gradients` are
    [images, units], the gradients with a spare image behind the last. `lit_by` has the bits of the images that light
    an input. Of each image of a chunk so many inputs are `listed` as not zero: each has the `place` of its weights in
    a panel, and its `value`. `logits` and the gradient `toward` them are [classes, 64]; `rows` and `top` hold what is
    needed for a moment, and `nothing` is the shift of pixels that have none.
    """

    pixels: Array
    activations: Array
    gradients: Array
    lit_by: Array
    place: Array
    value: Array
    listed: Array
    logits: Array
    toward: Array
    rows: Array
    top: Array
    nothing: Array


@inlined
def of_layer(net: Panels, layer: int) -> tuple[int, int, int, int, int]:
    """Return a layer's inputs and panels, and where its weights, its units and its inputs begin."""
    n = net.layers
    return n[layer, 0], n[layer, 1], n[layer, 2], n[layer, 3], n[layer, 4]


@inlined
def compute_constants(net: Panels) -> None:
    """Compute the constants anew, of weights that came from elsewhere."""
    for layer in range(len(net.layers)):
        inputs, panels, weight, unit, reads = of_layer(net, layer)
        for panel in range(panels):
            constant = splat(number(0))
            for i in range(inputs):
                shift = splat(at(net.shifts, reads + i))
                constant = constant + shift * load(net.weights[0], weight + (panel * inputs + i) * LANES)
            store(net.constants, unit + panel * LANES, constant)
