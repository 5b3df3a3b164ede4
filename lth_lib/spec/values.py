"""A field holds values of exact built-in types, so that what is equal is written alike."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any

WORDS = {
    int: "a whole number",
    float: "a finite number",
    str: "a text",
    bool: "True or False",
    types.NoneType: "None",
}
UNIONS = (typing.Union, types.UnionType)


def exact(value: Any, declared: Any) -> Any:
    """Return `value` as an exact value of the declared type, itself if it is one; raises `TypeError` if it is of none.

    A subclass of a built-in type becomes that type and a whole number a float where one is declared; a truth value is
    no number.
    """
    kind = typing.get_origin(declared) or declared
    if kind in UNIONS:
        return _one_of(value, typing.get_args(declared))
    if kind is tuple:
        return _tuple(value, typing.get_args(declared))
    if kind in PLAIN:
        return PLAIN[kind](value)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    raise TypeError


def leaves(declared: Any) -> Iterator[Any]:
    """Yield the classes of which a declared type is made; `object` where equal values of it would be written unlike."""
    kind, inner = typing.get_origin(declared) or declared, typing.get_args(declared)
    if kind not in (*UNIONS, tuple):
        yield kind
    elif kind in UNIONS and not _distinct(inner):
        yield object
    elif kind is tuple and not inner:
        yield Any
    for part in inner:
        if part is not Ellipsis:
            yield from leaves(part)


def words(declared: Any) -> str:
    """Return how a declared type is named to whoever gave another."""
    kind, inner = typing.get_origin(declared) or declared, typing.get_args(declared)
    if kind in UNIONS:
        return " or ".join(map(words, inner))
    if kind is tuple and inner:
        return f"a tuple, each {words(inner[0])}" if inner[-1] is ... else f"({', '.join(map(words, inner))})"
    return str(WORDS.get(declared) or getattr(declared, "__name__", declared))


def shown(value: Any) -> str:
    """Return what was given, in a few words."""
    if isinstance(value, int) and abs(value) >= 1 << 64:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        text = f"{type(value).__name__}(...)" if hasattr(value, "digest") else repr(value)
    except ValueError:  # Python prints no whole number of more than 4300 digits
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) < 100 else f"{text[:96]} ..."


def _distinct(kinds: tuple[Any, ...]) -> bool:
    """Say whether values of different kinds are never equal: 1, 1.0 and True are."""
    numbers = [kind for kind in kinds if kind in (bool, int, float)]
    tuples = [kind for kind in kinds if (typing.get_origin(kind) or kind) is tuple]
    return len(numbers) < 2 and len(tuples) < 2


def _one_of(value: Any, kinds: tuple[Any, ...]) -> Any:
    for kind in kinds:
        try:
            return exact(value, kind)
        except TypeError:
            continue
    raise TypeError


def _tuple(value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise TypeError
    held = tuple(tuple.__iter__(value))
    if kinds[-1:] == (Ellipsis,):
        kinds = kinds[:1] * len(held)
    if len(kinds) != len(held):
        raise TypeError
    out = tuple(exact(one, kind) for one, kind in zip(held, kinds, strict=True))
    same = type(value) is tuple and all(a is b for a, b in zip(out, held, strict=True))
    return value if same else out


def _bool(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    whole = int.__int__(value)
    _finite(whole)
    return whole


def _float(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    number = _finite(value)
    # An equal spec is written alike: 0.0 equals -0.0.
    return 0.0 if number == 0 and math.copysign(1, number) < 0 else number


def _finite(value: int | float) -> float:
    """Return a number as a float; raises `TypeError` for one that none is near to."""
    try:
        number = float.__float__(value) if isinstance(value, float) else float(int.__int__(value))
    except OverflowError:
        raise TypeError from None
    if not math.isfinite(number):
        raise TypeError
    return number


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError from None
    return text


def _none(value: Any) -> None:
    if value is not None:
        raise TypeError


PLAIN: dict[Any, Callable[[Any], Any]] = {
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    types.NoneType: _none,
    None: _none,
}
"""What a field may hold besides tuples and specs, each with the function that makes it exact."""
