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


def indices(lanes: Sequence[int]) -> ir.Constant:
    """Return integers as a vector of constants."""
    return ir.Constant(ir.VectorType(INT32, len(lanes)), list(lanes))


def pick(b: Any, x: Any, y: Any, lanes: Sequence[int]) -> Any:
    """Return the named lanes of x followed by y."""
    return b.shuffle_vector(x, y, indices(lanes))


def place(b: Any, array: Any, i: Any, vector: ir.VectorType) -> Any:
    """Return the pointer to the vector that begins at array[i]."""
    return b.bitcast(b.gep(array, [i]), vector.as_pointer())


def call(b: Any, name: str, result: Any, *args: Any) -> Any:
    """Call one of LLVM's own functions."""
    kind = ir.FunctionType(result, [arg.type for arg in args])
    return b.call(cgutils.get_or_insert_function(b.module, kind, name), args)


def repeat(b: Any, scalar: Any, lanes: int) -> Any:
    """Return a vector that holds a scalar in each of its lanes."""
    vector = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    vector = b.insert_element(vector, scalar, ir.Constant(INT32, 0))
    return pick(b, vector, vector, [0] * lanes)


def of(lanes: int) -> tuple[Any, Any]:
    """Return load(array, i) and splat(scalar) for vectors of so many lanes."""
    vector = ir.VectorType(FLOAT, lanes)

    @emits(Vector(lanes))
    def load(b: Any, array: Any, i: Any) -> Any:
        return b.load(place(b, array, i, vector), align=4)

    @emits(Vector(lanes))
    def splat(b: Any, scalar: Any) -> Any:
        return repeat(b, scalar, lanes)

    return load, splat


@emits(types.void)
def store(b: Any, array: Any, i: Any, x: Any) -> None:
    """Write a vector from array[i] on."""
    b.store(x, place(b, array, i, x.type), align=4)


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
    return call(b, f"llvm.sqrt.v{x.type.count}f32", x.type, x)


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
    pixels = b.load(place(b, images, i, kind), align=1)
    return b.bitcast(b.icmp_unsigned("!=", pixels, ir.Constant(kind, None)), INT64)


@emits(types.int64)
def first(b: Any, bits: Any) -> Any:
    """Return the place of the lowest bit that is set, 64 if there is none."""
    return call(b, "llvm.cttz.i64", INT64, bits, ir.Constant(ir.IntType(1), 0))
