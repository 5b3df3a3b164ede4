"""Every weight, masked by bits; what is zero is skipped: most pixels of a digit are, and some of the hidden units.

Images go through in chunks of 64, one after the other within a panel of weights: of each image it is listed first what
is lit, and only that is multiplied. Where the weights lie, and why so, is said in `panels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lth_lib.training.kernels.compiled.cache import compiled, inlined
from lth_lib.training.kernels.compiled.ends import EVERY, LANES, Array, cross_entropy, gather, load, number, splat
from lth_lib.training.kernels.compiled.gradients import toward_inputs, update_layer, who_is_lit
from lth_lib.training.kernels.compiled.panels import Panels, Room, compute_constants, of_layer
from lth_lib.training.kernels.compiled.updates import numbers
from lth_lib.training.kernels.compiled.vectors import at, first, larger, lit, positive, put, store

ZERO, ONE = np.uint64(0), np.uint64(1)


@inlined
def list_pixels(net: Panels, room: Room, images: Array, chunk: Array) -> None:
    """List what is lit in each image of a chunk: the place of its weights in a panel, and its value."""
    pixels, most = len(net.scale), len(room.place) // LANES
    for n in range(len(chunk)):
        start, k = chunk[n] * pixels, n * most
        for j in range(0, pixels, LANES):
            if j + LANES <= pixels:
                bits = lit(images, start + j)
            else:
                bits = ZERO
                for i in range(j, pixels):
                    bits |= np.uint64(at(images, start + i) > 0) << np.uint64(i - j)
            while bits:
                i = j + first(bits)
                bits &= bits - ONE
                put(room.place, k, i * LANES)
                put(room.value, k, number(at(images, start + i)) * at(net.scale, i))
                k += 1
        room.listed[n] = k - n * most


@inlined
def list_units(room: Room, start: int, width: int, units: int, count: int) -> None:
    """List likewise which units are above zero for each image, whose activations lie `width` apart."""
    most = len(room.place) // LANES
    for n in range(count):
        k = n * most
        for j in range(0, units, LANES):
            # Without the units that fill a panel up: these are no number if a weight is none.
            there = EVERY >> np.uint64(max(0, j + LANES - units))
            bits = positive(load(room.activations, start + n * width + j)) & there
            while bits:
                i = j + first(bits)
                bits &= bits - ONE
                put(room.place, k, i * LANES)
                put(room.value, k, at(room.activations, start + n * width + i))
                k += 1
        room.listed[n] = k - n * most


@inlined
def products(net: Panels, room: Room, layer: int, start: int, width: int, count: int) -> None:
    """Compute a layer's activations of the images that are listed."""
    inputs, panels, weight, unit, _ = of_layer(net, layer)
    most, w, zero, hidden = len(room.place) // LANES, net.weights[0], splat(number(0)), layer < len(net.layers) - 1
    for panel in range(panels):
        u, here = unit + panel * LANES, weight + panel * inputs * LANES
        base = load(net.biases[0], u) + load(net.constants, u)
        for n in range(count):
            # Two sums at a time: the next addition need not wait for the last.
            one, other, k, end = base, zero, n * most, n * most + room.listed[n]
            while k + 2 <= end:
                one = one + splat(at(room.value, k)) * load(w, here + at(room.place, k))
                other = other + splat(at(room.value, k + 1)) * load(w, here + at(room.place, k + 1))
                k += 2
            if k < end:
                one = one + splat(at(room.value, k)) * load(w, here + at(room.place, k))
            out = one + other
            store(room.activations, start + n * width + u, larger(out, zero) if hidden else out)


@inlined
def losses(
    net: Panels, room: Room, images: Array, labels: Array, chunk: Array, n: int, share: Any
) -> tuple[float, int]:
    """Return the sums of loss and right answers of a chunk, the images n.. of a batch; leave the logits' gradient."""
    width, count, last = len(net.constants), len(chunk), len(net.layers) - 1
    start = n * width
    list_pixels(net, room, images, chunk)
    products(net, room, 0, start, width, count)
    for layer in range(1, last + 1):
        list_units(room, start + net.layers[layer - 1, 3], width, net.layers[layer, 0], count)
        products(net, room, layer, start, width, count)
    unit, classes = start + net.layers[last, 3], len(room.logits) // LANES
    for i in range(count):
        for c in range(classes):
            put(room.logits, c * LANES + i, at(room.activations, unit + i * width + c))
    loss = cross_entropy(room.logits, room.toward, classes, labels, chunk, share, room.top)
    for i in range(count):
        for c in range(classes):
            put(room.gradients, unit + i * width + c, at(room.toward, c * LANES + i))
    return loss


@compiled
def train(net: Panels, room: Room, images: Array, labels: Array, batches: Array, rules: Array, watched: Array) -> None:
    """Take a step for each of the batches [steps, B]; write the means of loss and right answers, [steps, 2]."""
    compute_constants(net)
    for step in range(len(batches)):
        batch, rule, loss, right = batches[step], numbers(net.weights, rules, step), 0.0, 0
        size, share = len(batch), number(1 / len(batch))
        stride = (size + LANES - 1) // LANES * LANES
        for n in range(0, size, LANES):
            chunk = batch[n : n + LANES]
            gather(images, chunk, room.rows, room.pixels[n:], stride, net.scale, room.nothing)
            more = losses(net, room, images, labels, chunk, n, share)
            loss, right = loss + more[0], right + more[1]
        for layer in range(len(net.layers) - 1, -1, -1):
            who_is_lit(net, room, layer, size)
            if layer > 0:
                toward_inputs(net, room, layer, size)
            update_layer(net, room, layer, size, rule)
        watched[step, 0], watched[step, 1] = loss / size, right / size


@compiled
def evaluate(net: Panels, room: Room, images: Array, labels: Array, index: Array, sums: Array) -> None:
    """Write the sums of loss and right answers, [2], over the images of an index."""
    compute_constants(net)
    sums[:] = 0
    for n in range(0, len(index), LANES):
        loss, right = losses(net, room, images, labels, index[n : n + LANES], 0, number(0))
        sums[0] += loss
        sums[1] += right
