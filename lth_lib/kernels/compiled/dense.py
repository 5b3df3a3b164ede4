"""Every weight, masked by bits; what is zero is skipped: most pixels of a digit are, and some of the hidden units.

Weights lie in panels of 64 outputs, [panels, inputs, 64], so that those of all inputs fit the cache while all images
go through them. Activations are [images, units], so that an image's zeros are known before any weight is read. A
normalised pixel is scale * pixel + shift and never zero, so the shift is kept apart: times the weights it is a
constant, which is added to the bias.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lth_lib.kernels.compiled.cache import compiled, inlined
from lth_lib.kernels.compiled.ends import EVERY, LANES, Array, cross_entropy, gather, load, number, splat
from lth_lib.kernels.compiled.updates import Slotted, numbers, updates
from lth_lib.kernels.compiled.vectors import (
    at,
    dot16,
    first,
    larger,
    lit,
    of,
    positive,
    put,
    store,
    totals,
)

ZERO, ONE = np.uint64(0), np.uint64(1)
_, splat16 = of(16)
update = updates(LANES)


class Dense(NamedTuple):
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
    """What a step works in."""

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
def of_layer(net: Dense, layer: int) -> tuple[int, int, int, int, int]:
    """Return a layer's inputs and panels, and where its weights, its units and its inputs begin."""
    n = net.layers
    return n[layer, 0], n[layer, 1], n[layer, 2], n[layer, 3], n[layer, 4]


@inlined
def list_pixels(net: Dense, room: Room, images: Array, block: Array) -> None:
    """List what is lit in each image of a block: the place of its weights in a panel, and its value."""
    pixels, most = len(net.scale), len(room.place) // LANES
    for n in range(len(block)):
        start, k = block[n] * pixels, n * most
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
            there = EVERY >> np.uint64(
                max(0, j + LANES - units)
            )  # what fills a panel up is no number if a weight is none
            bits = positive(load(room.activations, start + n * width + j)) & there
            while bits:
                i = j + first(bits)
                bits &= bits - ONE
                put(room.place, k, i * LANES)
                put(room.value, k, at(room.activations, start + n * width + i))
                k += 1
        room.listed[n] = k - n * most


@inlined
def products(net: Dense, room: Room, layer: int, start: int, width: int, count: int) -> None:
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
def losses(net: Dense, room: Room, images: Array, labels: Array, block: Array, n: int, share: Any) -> tuple[float, int]:
    """Return the sums of loss and right answers of a block, the images n.. of a batch; leave the logits' gradient."""
    width, count, last = len(net.constants), len(block), len(net.layers) - 1
    start = n * width
    list_pixels(net, room, images, block)
    products(net, room, 0, start, width, count)
    for layer in range(1, last + 1):
        list_units(room, start + net.layers[layer - 1, 3], width, net.layers[layer, 0], count)
        products(net, room, layer, start, width, count)
    unit, classes = start + net.layers[last, 3], len(room.logits) // LANES
    for i in range(count):
        for c in range(classes):
            put(room.logits, c * LANES + i, at(room.activations, unit + i * width + c))
    loss = cross_entropy(room.logits, room.toward, classes, labels, block, share, room.top)
    for i in range(count):
        for c in range(classes):
            put(room.gradients, unit + i * width + c, at(room.toward, c * LANES + i))
    return loss


@inlined
def who_is_lit(net: Dense, room: Room, layer: int, batch: int) -> None:
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
def toward_inputs(net: Dense, room: Room, layer: int, batch: int) -> None:
    """Compute the gradients of a layer's inputs, of each for the images that light it, four images at a time."""
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
def update_layer(net: Dense, room: Room, layer: int, batch: int, rule: Any) -> None:
    """Compute the gradients of a layer's weights and biases, a vector of 64 outputs at a time, and update them."""
    inputs, panels, weight, unit, reads = of_layer(net, layer)
    words, width, d = (batch + LANES - 1) // LANES, len(net.constants), room.gradients
    values, across, along = room.pixels, words * LANES, 1
    if layer > 0:
        values, across, along = room.activations[net.layers[layer - 1, 3] :], 1, width
    for panel in range(panels):
        u, here, zero = unit + panel * LANES, weight + panel * inputs * LANES, splat(number(0))
        of_bias = constant = zero
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


@inlined
def begin(net: Dense) -> None:
    """Compute the constants of weights that came from elsewhere."""
    for layer in range(len(net.layers)):
        inputs, panels, weight, unit, reads = of_layer(net, layer)
        for panel in range(panels):
            constant = splat(number(0))
            for i in range(inputs):
                shift = splat(at(net.shifts, reads + i))
                constant = constant + shift * load(net.weights[0], weight + (panel * inputs + i) * LANES)
            store(net.constants, unit + panel * LANES, constant)


@compiled
def train(net: Dense, room: Room, images: Array, labels: Array, batches: Array, rules: Array, watched: Array) -> None:
    """Take a step for each of the batches [steps, B]; write the means of loss and right answers, [steps, 2]."""
    begin(net)
    for step in range(len(batches)):
        batch, rule, loss, right = batches[step], numbers(net.weights, rules, step), 0.0, 0
        size, share = len(batch), number(1 / len(batch))
        stride = (size + LANES - 1) // LANES * LANES
        for n in range(0, size, LANES):
            block = batch[n : n + LANES]
            gather(images, block, room.rows, room.pixels[n:], stride, net.scale, room.nothing)
            more = losses(net, room, images, labels, block, n, share)
            loss, right = loss + more[0], right + more[1]
        for layer in range(len(net.layers) - 1, -1, -1):
            who_is_lit(net, room, layer, size)
            if layer > 0:
                toward_inputs(net, room, layer, size)
            update_layer(net, room, layer, size, rule)
        watched[step, 0], watched[step, 1] = loss / size, right / size


@compiled
def evaluate(net: Dense, room: Room, images: Array, labels: Array, index: Array, sums: Array) -> None:
    """Write the sums of loss and right answers, [2], over the images of an index."""
    begin(net)
    sums[:] = 0
    for n in range(0, len(index), LANES):
        loss, right = losses(net, room, images, labels, index[n : n + LANES], 0, number(0))
        sums[0] += loss
        sums[1] += right
