"""The way back through a dense network: what is zero has no gradient and gives none, so it is skipped here too.

An input that no image of the batch lights, a dark pixel or an idle unit, is passed over as a whole; of the others only
the images that light it are looked at, by the bits that say which.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lth_lib.training.kernels.compiled.cache import inlined
from lth_lib.training.kernels.compiled.ends import EVERY, LANES, load, number, splat
from lth_lib.training.kernels.compiled.lanes import dot16, totals
from lth_lib.training.kernels.compiled.panels import Panels, Room, of_layer
from lth_lib.training.kernels.compiled.updates import updates
from lth_lib.training.kernels.compiled.vectors import at, first, of, positive, put, store

ONE = np.uint64(1)
_, splat16 = of(16)
update = updates(LANES)


@inlined
def who_is_lit(net: Panels, room: Room, layer: int, batch: int) -> None:
    """Write of each of a layer's inputs which images of the batch light it, a word for each 64."""
    words, width, inputs = (batch + LANES - 1) // LANES, len(net.constants), net.layers[layer, 0]
    if layer == 0:
        for j in range(inputs):
            for word in range(words):
                there = EVERY >> np.uint64(max(0, (word + 1) * LANES - batch))
                room.lit_by[j * words + word] = positive(load(room.pixels, (j * words + word) * LANES)) & there
        return
    unit = net.layers[layer - 1, 3]
    room.lit_by[: inputs * words] = 0
    for n in range(batch):
        word, bit, row = n // LANES, np.uint64(n % LANES), n * width + unit
        for i in range(inputs):
            room.lit_by[i * words + word] |= np.uint64(room.activations[row + i] > 0) << bit


@inlined
def toward_inputs(net: Panels, room: Room, layer: int, batch: int) -> None:
    """Compute the gradients of a layer's inputs, of each for the images that light it.

    Four images at a time: a weight that is loaded serves them all, and four sums over lanes cost little more than one.
    """
    inputs, panels, weight, unit, _ = of_layer(net, layer)
    words, width, below, d = (batch + LANES - 1) // LANES, len(net.constants), net.layers[layer - 1, 3], room.gradients
    spare = words * LANES  # an image behind all others, without a gradient, where fewer than four are left
    for n in range(batch):
        d[n * width + below : n * width + unit] = 0
    for i in range(inputs):
        for word in range(words):
            bits, n = at(room.lit_by, i * words + word), word * LANES
            while bits:
                n0, bits = n + first(bits), bits & (bits - ONE)
                # Where no bit is left, `bits` stays zero.
                n1, bits = n + first(bits) if bits else spare, bits & (bits - ONE)
                n2, bits = n + first(bits) if bits else spare, bits & (bits - ONE)
                n3, bits = n + first(bits) if bits else spare, bits & (bits - ONE)
                p = q = r = s = splat16(number(0))
                for panel in range(panels):
                    w, u = load(net.weights[0], weight + (panel * inputs + i) * LANES), unit + panel * LANES
                    p = p + dot16(w, load(d, n0 * width + u))
                    q = q + dot16(w, load(d, n1 * width + u))
                    r = r + dot16(w, load(d, n2 * width + u))
                    s = s + dot16(w, load(d, n3 * width + u))
                store(room.top, 0, totals(p, q, r, s))
                put(d, n0 * width + below + i, at(room.top, 0))
                put(d, n1 * width + below + i, at(room.top, 1))
                put(d, n2 * width + below + i, at(room.top, 2))
                put(d, n3 * width + below + i, at(room.top, 3))


@inlined
def update_layer(net: Panels, room: Room, layer: int, batch: int, rule: Any) -> None:
    """Compute the gradients of a layer's weights and biases, a vector of 64 outputs at a time, and update them."""
    inputs, panels, weight, unit, reads = of_layer(net, layer)
    words, width, d = (batch + LANES - 1) // LANES, len(net.constants), room.gradients
    values, across, along = room.pixels, words * LANES, 1
    if layer > 0:
        values, across, along = room.activations[net.layers[layer - 1, 3] :], 1, width
    for panel in range(panels):
        u, here, zero = unit + panel * LANES, weight + panel * inputs * LANES, splat(number(0))
        of_bias = constant = zero
        # The shift of an input is the same in all images, whose gradients add up to that of the bias.
        for n in range(batch):
            of_bias = of_bias + load(d, n * width + u)
        update(net.biases, u, at(net.free, u // LANES), of_bias, rule)
        for i in range(inputs):
            shift, k = splat(at(net.shifts, reads + i)), here + i * LANES
            gradient = shift * of_bias
            for word in range(words):
                bits, n = at(room.lit_by, i * words + word), word * LANES
                while bits:
                    image = n + first(bits)
                    bits &= bits - ONE
                    gradient = gradient + splat(at(values, i * across + image * along)) * load(d, image * width + u)
            constant = constant + shift * update(net.weights, k, at(net.kept, k // LANES), gradient, rule)
        store(net.constants, u, constant)
