"""What takes more than one instruction of each lane, or goes from lane to lane: e^x, sums, and pixels brought in.

The order of every sum is fixed here, so that it is the same on all processors.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from lth_lib.training.kernels.compiled.vectors import (
    FLOAT,
    FUSE,
    INT32,
    INT64,
    Vector,
    call,
    emits,
    indices,
    pick,
    place,
    repeat,
)


@emits(lambda x: x)
def exp(b: Any, x: Any) -> Any:
    """Return e^x of x <= 0 to a unit in the last place, as the Cephes library does; below -87 it is e^-87."""

    def constant(value: float) -> Any:
        return ir.Constant(x.type, [value] * x.type.count)

    def fused(p: Any, q: Any, r: Any) -> Any:
        return b.fadd(b.fmul(p, q, flags=FUSE), r, flags=FUSE)

    count, ints = x.type.count, ir.VectorType(INT32, x.type.count)
    x = b.select(b.fcmp_unordered(">", x, constant(-87.0)), x, constant(-87.0))
    # x is n ln 2 + r; ln 2 comes in two parts, of which the first has few digits, so that r is exact.
    n = call(b, f"llvm.rint.v{count}f32", x.type, b.fmul(x, constant(1.44269502162933349609375)))
    r = fused(n, constant(2.12194440e-4), fused(n, constant(-0.693359375), x))
    p = constant(1.9875691500e-4)
    for c in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
        p = fused(p, r, constant(c))
    # Saturated: what is no number has no integer, and would have no meaning at all to LLVM.
    whole = call(b, f"llvm.fptosi.sat.v{count}i32.v{count}f32", ints, n)
    power = b.shl(b.add(whole, indices([127] * count)), indices([23] * count))
    one_and_r = b.fadd(r, constant(1.0), flags=FUSE)
    return b.fmul(fused(p, b.fmul(r, r, flags=FUSE), one_and_r), b.bitcast(power, x.type))


def _halved(b: Any, x: Any, lanes: int) -> Any:
    """Add the halves of a vector until so many lanes are left; the order is always this."""
    while x.type.count > lanes:
        half = x.type.count // 2
        x = b.fadd(pick(b, x, x, range(half)), pick(b, x, x, range(half, 2 * half)))
    return x


@emits(types.float32)
def total(b: Any, x: Any) -> Any:
    """Return the sum over all lanes."""
    return b.extract_element(_halved(b, x, 1), ir.Constant(INT32, 0))


@emits(lambda x, y: Vector(16))
def dot16(b: Any, x: Any, y: Any) -> Any:
    """Return the product of two vectors, added up to 16 lanes."""
    out = None
    for k in range(0, x.type.count, 16):
        part = range(k, k + 16)
        product = b.fmul(pick(b, x, x, part), pick(b, y, y, part), flags=FUSE)
        out = product if out is None else b.fadd(out, product, flags=FUSE)
    return out


@emits(Vector(4))
def totals(b: Any, p: Any, q: Any, r: Any, s: Any) -> Any:
    """Return the sums of four vectors of 16 lanes: nine shuffles, a third of what four sums take."""
    lanes = [(four, k) for four in range(0, 16, 4) for k in range(4)]
    # Neighbours are added within each four lanes: sums of x go to the even places, those of y to the odd ones ...
    evens = [four + k // 2 * 2 + 16 * (k % 2) for four, k in lanes]
    x, y = (b.fadd(pick(b, x, y, evens), pick(b, x, y, [i + 1 for i in evens])) for x, y in ((p, q), (r, s)))
    # ... so that each four lanes then hold p, q, p, q of x, and r, s, r, s of y.
    firsts = [four + k % 2 + 16 * (k // 2) for four, k in lanes]
    return _halved(b, b.fadd(pick(b, x, y, firsts), pick(b, x, y, [i + 2 for i in firsts])), 4)


@emits(types.void)
def transpose(b: Any, images: Any, rows: Any, n: Any, j: Any, x: Any, stride: Any, scale: Any, shift: Any) -> None:
    """Write pixels j..j+3 of the images that begin at images[rows[n..n+15]], scaled and shifted, each pixel's to
    x[pixel * stride + n..n+15].
    """
    ints, floats = ir.VectorType(INT32, 16), ir.VectorType(FLOAT, 16)
    words, pixels = ir.Constant(ints, ir.Undefined), b.gep(images, [j])
    for k in range(16):
        row = b.load(b.gep(rows, [b.add(n, ir.Constant(INT64, k))]))
        four = b.load(b.bitcast(b.gep(pixels, [row]), INT32.as_pointer()), align=1)
        words = b.insert_element(words, four, ir.Constant(INT32, k))
    for k in range(4):  # every processor that numba knows has the lowest byte first
        pixel = b.add(j, ir.Constant(INT64, k))
        byte = b.uitofp(b.and_(b.lshr(words, indices([8 * k] * 16)), indices([255] * 16)), floats)
        factor, added = (repeat(b, b.load(b.gep(array, [pixel])), 16) for array in (scale, shift))
        value = b.fadd(b.fmul(byte, factor, flags=FUSE), added, flags=FUSE)
        b.store(value, place(b, x, b.add(b.mul(pixel, stride), n), floats), align=4)
