"""Survivors alone: each is one scalar, which is multiplied by the activations of 64 images in registers.

The processor's vectors lie along the images, so that each survivor fills them, wherever the mask has left it. Dark
pixels are multiplied like the others.

Units are numbered through all layers, the pixels first: the activations of unit u are activations[64 u..64 u + 63].
The survivors of a layer lie one row after the other and begin at a multiple of 16, so that no vector of the
optimiser's is of two layers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lth_lib.training.kernels.compiled.cache import compiled, inlined
from lth_lib.training.kernels.compiled.ends import EVERY, LANES, Array, cross_entropy, gather, load, number, splat
from lth_lib.training.kernels.compiled.lanes import dot16, total, totals
from lth_lib.training.kernels.compiled.updates import Slotted, numbers, updates
from lth_lib.training.kernels.compiled.vectors import at, larger, of, put, store, where_positive

load4, _ = of(4)
load16, _ = of(16)
update = updates(16)


class Survivors(NamedTuple):
    """A network's survivors.

    Row r is the unit `pixels + r`; its survivors are begin[r]..end[r] - 1, each with the place of what it reads.
    Of each layer, and behind the last, `layers` holds the first row and the first survivor.
    """

    layers: Array
    begin: Array
    end: Array
    reads: Array
    scale: Array
    shift: Array
    weights: Slotted
    biases: Slotted
    free: Array


class Room(NamedTuple):
    """What a step works in: activations and their gradients, [units, 64], and the gradients of weights and biases."""

    activations: Array
    gradients: Array
    toward_weights: Array
    toward_biases: Array
    rows: Array
    top: Array


@inlined
def forward(net: Survivors, a: Array) -> None:
    """Compute the activations of all units behind the pixels."""
    pixels, last = len(net.scale), net.layers[-2, 0]
    weights, biases = net.weights[0], net.biases[0]
    for r in range(len(net.begin)):
        out = splat(at(biases, r))
        for k in range(at(net.begin, r), at(net.end, r)):
            out = out + splat(at(weights, k)) * load(a, at(net.reads, k))
        store(a, (pixels + r) * LANES, larger(out, splat(number(0))) if r < last else out)


@inlined
def losses(net: Survivors, room: Room, images: Array, labels: Array, chunk: Array, share: Any) -> tuple[float, int]:
    """Return the sums of loss and right answers of a chunk of images; leave the gradient of the logits."""
    gather(images, chunk, room.rows, room.activations, LANES, net.scale, net.shift)
    forward(net, room.activations)
    first, classes = len(net.scale) + net.layers[-2, 0], net.layers[-1, 0] - net.layers[-2, 0]
    logits, toward = room.activations[first * LANES :], room.gradients[first * LANES :]
    return cross_entropy(logits, toward, classes, labels, chunk, share, room.top)


@inlined
def toward_row(room: Room, reads: Array, d: Any, k: int, end: int, fresh: bool) -> None:
    """Compute the gradients of the survivors k..end - 1 of one row, from that of its unit; add unless fresh."""
    a, g = room.activations, room.toward_weights
    while k + 4 <= end:  # four sums over lanes together
        p, q = dot16(d, load(a, at(reads, k))), dot16(d, load(a, at(reads, k + 1)))
        r, s = dot16(d, load(a, at(reads, k + 2))), dot16(d, load(a, at(reads, k + 3)))
        four = totals(p, q, r, s)
        store(g, k, four if fresh else load4(g, k) + four)
        k += 4
    while k < end:
        one = total(dot16(d, load(a, at(reads, k))))
        put(g, k, one if fresh else at(g, k) + one)
        k += 1


@inlined
def backward(net: Survivors, room: Room, layer: int, fresh: bool, final: bool, rule: Any) -> None:
    """Go back through a layer: gradients of its survivors and of what it reads, in one pass over its rows.

    A batch of more than 64 images comes in chunks: the first is `fresh`, and the `final` one updates the weights,
    16 at a time, as soon as the pass has left them behind.
    """
    d, pixels, inputs = room.gradients, len(net.scale), 0 if layer == 0 else net.layers[layer - 1, 0] + len(net.scale)
    first, done, beyond = net.layers[layer, 0], net.layers[layer, 1], net.layers[layer + 1, 0]
    inner = layer > 0
    if inner:
        d[inputs * LANES : (pixels + first) * LANES] = 0
    for r in range(first, beyond):
        toward, begin, end = load(d, (pixels + r) * LANES), at(net.begin, r), at(net.end, r)
        put(room.toward_biases, r, total(toward) + (number(0) if fresh else at(room.toward_biases, r)))
        toward_row(room, net.reads, toward, begin, end, fresh)
        if inner:
            for k in range(begin, end):
                read = at(net.reads, k)
                store(d, read, load(d, read) + splat(at(net.weights[0], k)) * toward)
        while final and done + 16 <= end:
            update(net.weights, done, EVERY, load16(room.toward_weights, done), rule)
            done += 16
    if final and done < net.layers[layer + 1, 1]:
        update(net.weights, done, EVERY, load16(room.toward_weights, done), rule)
    if inner:
        for k in range(inputs * LANES, (pixels + first) * LANES, LANES):
            store(d, k, where_positive(load(room.activations, k), load(d, k)))


@compiled
def train(
    net: Survivors, room: Room, images: Array, labels: Array, batches: Array, rules: Array, watched: Array
) -> None:
    """Take a step for each of the batches [steps, B]; write the means of loss and right answers, [steps, 2]."""
    for step in range(len(batches)):
        batch, rule, loss, right = batches[step], numbers(net.weights, rules, step), 0.0, 0
        share = number(1 / len(batch))
        for n in range(0, len(batch), LANES):
            more = losses(net, room, images, labels, batch[n : n + LANES], share)
            loss, right = loss + more[0], right + more[1]
            for layer in range(len(net.layers) - 2, -1, -1):
                backward(net, room, layer, n == 0, n + LANES >= len(batch), rule)
        for r in range(0, len(net.biases[0]), 16):
            update(net.biases, r, at(net.free, r // 16), load16(room.toward_biases, r), rule)
        watched[step, 0], watched[step, 1] = loss / len(batch), right / len(batch)


@compiled
def evaluate(net: Survivors, room: Room, images: Array, labels: Array, index: Array, sums: Array) -> None:
    """Write the sums of loss and right answers, [2], over the images of an index."""
    sums[:] = 0
    for n in range(0, len(index), LANES):
        loss, right = losses(net, room, images, labels, index[n : n + LANES], number(0))
        sums[0] += loss
        sums[1] += right
