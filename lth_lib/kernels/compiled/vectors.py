"""Vectors of a fixed number of float32 for compiled functions, as LLVM vectors: they live in registers.

LLVM cuts a vector of 64 into four registers of AVX-512, eight of AVX2 or sixteen of NEON. Nothing here is left to
the vectoriser of loops, which keeps an accumulator that is an array in memory.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model
from numba.np.arrayobj import make_array

FLOAT, BYTE, INT32, INT64 = ir.FloatType(), ir.IntType(8), ir.IntType(32), ir.IntType(64)
FUSE = ("contract",)
"""The one freedom LLVM is given: a multiplication and an addition may become one instruction, rounded once."""


class Vector(types.Type):
    """The type of a vector of so many float32."""

    def __init__(self, lanes: int) -> None:
        """Name the type by its number of lanes."""
        self.lanes = lanes
        super().__init__(f"vector{lanes}")


@register_model(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, ir.VectorType(FLOAT, vector.lanes))


def emits(result: Any) -> Callable[[Callable], Any]:
    """Make a function of compiled code from one that emits instructions: (builder, *LLVM values) -> LLVM value.

    An array comes as the pointer to its first element, an integer as 64 bits. `result` is the type of what is
    returned, or a function from the arguments' types to it.
    """

    def wrap(emit: Callable) -> Any:
        def typing(context: Any, *args: Any) -> Any:
            def generate(target: Any, builder: Any, signature: Any, values: Any) -> Any:
                pairs = zip(signature.args, values, strict=True)
                out = emit(builder, *(_plain(target, builder, kind, value) for kind, value in pairs))
                return target.get_dummy_value() if out is None else out

            known = isinstance(result, types.Type)
            return (result if known else result(*args))(*args), generate

        # numba asks an intrinsic for its parameters by name, which differ from one to the next.
        names = ["context", *list(inspect.signature(emit).parameters)[1:]]
        parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
        typing.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        typing.__name__, typing.__doc__ = emit.__name__, emit.__doc__
        return intrinsic(typing)

    return wrap


def _plain(target: Any, builder: Any, kind: types.Type, value: Any) -> Any:
    if isinstance(kind, types.Array):
        return make_array(kind)(target, builder, value).data
    return target.cast(builder, value, kind, types.intp) if isinstance(kind, types.Integer) else value


def _indices(lanes: Sequence[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(INT32, len(lanes)), list(lanes))


def _pick(b: Any, x: Any, y: Any, lanes: Sequence[int]) -> Any:
    """Return the named lanes of x followed by y."""
    return b.shuffle_vector(x, y, _indices(lanes))


def _place(b: Any, array: Any, i: Any, vector: ir.VectorType) -> Any:
    return b.bitcast(b.gep(array, [i]), vector.as_pointer())


def _call(b: Any, name: str, result: Any, *args: Any) -> Any:
    kind = ir.FunctionType(result, [arg.type for arg in args])
    return b.call(cgutils.get_or_insert_function(b.module, kind, name), args)


def _repeat(b: Any, scalar: Any, lanes: int) -> Any:
    vector = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    vector = b.insert_element(vector, scalar, ir.Constant(INT32, 0))
    return _pick(b, vector, vector, [0] * lanes)


def of(lanes: int) -> tuple[Any, Any]:
    """Return load(array, i) and splat(scalar) for vectors of so many lanes."""
    vector = ir.VectorType(FLOAT, lanes)

    @emits(Vector(lanes))
    def load(b: Any, array: Any, i: Any) -> Any:
        return b.load(_place(b, array, i, vector), align=4)

    @emits(Vector(lanes))
    def splat(b: Any, scalar: Any) -> Any:
        return _repeat(b, scalar, lanes)

    return load, splat


@emits(types.void)
def store(b: Any, array: Any, i: Any, x: Any) -> None:
    """Write a vector from array[i] on."""
    b.store(x, _place(b, array, i, x.type), align=4)


@emits(lambda array, i: array.dtype)
def at(b: Any, array: Any, i: Any) -> Any:
    """Return array[i], without the test whether i is negative."""
    return b.load(b.gep(array, [i]))


@emits(types.void)
def put(b: Any, array: Any, i: Any, scalar: Any) -> None:
    """Write array[i], likewise."""
    place = b.gep(array, [i])
    narrower = scalar.type == INT64 and place.type.pointee != INT64
    b.store(b.trunc(scalar, place.type.pointee) if narrower else scalar, place)


def _arithmetic(python: Callable, instruction: str) -> None:
    @emits(lambda x, y: x)
    def compute(b: Any, x: Any, y: Any) -> Any:
        return getattr(b, instruction)(x, y, flags=FUSE)

    def of_vectors(x: Any, y: Any) -> Any:
        return compute(x, y)

    @overload(python)
    def typed(x: Any, y: Any) -> Any:
        return of_vectors if isinstance(x, Vector) and isinstance(y, Vector) else None


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")
_arithmetic(operator.truediv, "fdiv")


@emits(lambda x: x)
def sqrt(b: Any, x: Any) -> Any:
    """Return the square root of each lane."""
    return _call(b, f"llvm.sqrt.v{x.type.count}f32", x.type, x)


@emits(lambda x, y: x)
def larger(b: Any, x: Any, y: Any) -> Any:
    """Return the larger of two, and x where it is no number: a training that diverges must show."""
    return b.select(b.fcmp_unordered(">", x, y), x, y)


@emits(lambda x, y: y)
def where_positive(b: Any, x: Any, y: Any) -> Any:
    """Return y where x is above zero, else zero."""
    return b.select(b.fcmp_ordered(">", x, ir.Constant(x.type, None)), y, ir.Constant(y.type, None))


@emits(lambda bits, x: x)
def where_bits(b: Any, bits: Any, x: Any) -> Any:
    """Return x in the lanes whose bit is set, else zero."""
    count = x.type.count
    kept = b.bitcast(b.trunc(bits, ir.IntType(count)), ir.VectorType(ir.IntType(1), count))
    return b.select(kept, x, ir.Constant(x.type, None))


@emits(types.uint64)
def positive(b: Any, x: Any) -> Any:
    """Return 64 bits: which of 64 lanes are above zero, or no number."""
    return b.bitcast(b.fcmp_unordered(">", x, ir.Constant(x.type, None)), INT64)


@emits(types.uint64)
def lit(b: Any, images: Any, i: Any) -> Any:
    """Return 64 bits: which of the 64 bytes from images[i] on are not zero."""
    kind = ir.VectorType(BYTE, 64)
    pixels = b.load(_place(b, images, i, kind), align=1)
    return b.bitcast(b.icmp_unsigned("!=", pixels, ir.Constant(kind, None)), INT64)


@emits(types.int64)
def first(b: Any, bits: Any) -> Any:
    """Return the place of the lowest bit that is set, 64 if there is none."""
    return _call(b, "llvm.cttz.i64", INT64, bits, ir.Constant(ir.IntType(1), 0))


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
    n = _call(b, f"llvm.rint.v{count}f32", x.type, b.fmul(x, constant(1.44269502162933349609375)))
    r = fused(n, constant(2.12194440e-4), fused(n, constant(-0.693359375), x))
    p = constant(1.9875691500e-4)
    for c in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
        p = fused(p, r, constant(c))
    # Saturated: what is no number has no integer, and would have no meaning at all to LLVM.
    whole = _call(b, f"llvm.fptosi.sat.v{count}i32.v{count}f32", ints, n)
    power = b.shl(b.add(whole, _indices([127] * count)), _indices([23] * count))
    one_and_r = b.fadd(r, constant(1.0), flags=FUSE)
    return b.fmul(fused(p, b.fmul(r, r, flags=FUSE), one_and_r), b.bitcast(power, x.type))


def _halved(b: Any, x: Any, lanes: int) -> Any:
    """Add the halves of a vector until so many lanes are left; the order is always this."""
    while x.type.count > lanes:
        half = x.type.count // 2
        x = b.fadd(_pick(b, x, x, range(half)), _pick(b, x, x, range(half, 2 * half)))
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
        product = b.fmul(_pick(b, x, x, part), _pick(b, y, y, part), flags=FUSE)
        out = product if out is None else b.fadd(out, product, flags=FUSE)
    return out


@emits(Vector(4))
def totals(b: Any, p: Any, q: Any, r: Any, s: Any) -> Any:
    """Return the sums of four vectors of 16 lanes: nine shuffles, a third of what four sums take."""
    lanes = [(four, k) for four in range(0, 16, 4) for k in range(4)]
    # Neighbours are added within each four lanes: sums of x go to the even places, those of y to the odd ones ...
    evens = [four + k // 2 * 2 + 16 * (k % 2) for four, k in lanes]
    x, y = (b.fadd(_pick(b, x, y, evens), _pick(b, x, y, [i + 1 for i in evens])) for x, y in ((p, q), (r, s)))
    # ... so that each four lanes then hold p, q, p, q of x, and r, s, r, s of y.
    firsts = [four + k % 2 + 16 * (k // 2) for four, k in lanes]
    return _halved(b, b.fadd(_pick(b, x, y, firsts), _pick(b, x, y, [i + 2 for i in firsts])), 4)


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
        byte = b.uitofp(b.and_(b.lshr(words, _indices([8 * k] * 16)), _indices([255] * 16)), floats)
        factor, added = (_repeat(b, b.load(b.gep(array, [pixel])), 16) for array in (scale, shift))
        value = b.fadd(b.fmul(byte, factor, flags=FUSE), added, flags=FUSE)
        b.store(value, _place(b, x, b.add(b.mul(pixel, stride), n), floats), align=4)
