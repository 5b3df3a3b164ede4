"""Both ends of a network: the images that come in, and the loss of the logits that go out."""

from __future__ import annotations

from typing import Any

import numpy as np

from lth_lib.training.kernels.compiled.cache import inlined
from lth_lib.training.kernels.compiled.lanes import exp, transpose
from lth_lib.training.kernels.compiled.vectors import at, larger, of, put, store, where_bits

Array = np.ndarray
LANES = 64
"""Images are taken 64 at a time: one activation of them is four registers, and which of them are meant is one word."""
EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)
number = np.float32
load, splat = of(LANES)


@inlined
def gather(images: Array, chunk: Array, rows: Array, x: Array, stride: int, scale: Array, shift: Array) -> None:
    """Write the images of a chunk, at most 64, scaled and shifted, each pixel's to x[pixel * stride..+63].

    Lanes beyond the last image hold the first image of all; nothing is learnt from them.
    """
    pixels = len(scale)
    rows[:] = 0
    for n in range(len(chunk)):
        rows[n] = chunk[n] * pixels
    whole = pixels // 4 * 4
    for n in range(0, LANES, 16):
        for j in range(0, whole, 4):
            transpose(images, rows, n, j, x, stride, scale, shift)
    for j in range(whole, pixels):
        for n in range(LANES):
            put(x, j * stride + n, number(at(images, rows[n] + j)) * at(scale, j) + at(shift, j))


@inlined
def cross_entropy(
    logits: Array, gradient: Array, classes: int, labels: Array, chunk: Array, share: Any, room: Array
) -> tuple[float, int]:
    """Return the sums of loss and right answers of a chunk's logits [classes, 64].

    The loss of a batch is a mean, of which each image has this share: the gradient of the logits, [classes, 64], is
    zero in the lanes that hold no image.
    """
    top, whole, count = load(logits, 0), splat(number(0)), len(chunk)
    for c in range(1, classes):
        top = larger(top, load(logits, c * LANES))
    for c in range(classes):
        e = exp(load(logits, c * LANES) - top)
        store(gradient, c * LANES, e)
        whole = whole + e
    store(room, 0, top)
    store(room, LANES, whole)
    factor = where_bits(EVERY >> np.uint64(LANES - count), splat(share) / whole)
    for c in range(classes):
        store(gradient, c * LANES, load(gradient, c * LANES) * factor)
    loss, right = 0.0, 0
    for n in range(count):
        k = labels[chunk[n]] * LANES + n
        z, highest = at(logits, k), at(room, n)
        put(gradient, k, at(gradient, k) - share)
        loss += np.log(np.float64(at(room, LANES + n))) + (highest - z)
        if z == highest:
            right += is_first(logits, n, k)
    return loss, right


@inlined
def is_first(logits: Array, n: int, k: int) -> int:
    """Return 1 if no earlier class of image n has the logit that logits[k] is, else 0: the first of equals counts."""
    for earlier in range(n, k, LANES):
        if at(logits, earlier) == at(logits, k):
            return 0
    return 1
