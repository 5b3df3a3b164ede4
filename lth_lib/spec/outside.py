"""What a class from outside the library means is in its text, which its digest holds."""

from __future__ import annotations

import functools
import inspect
import operator
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

from lth_lib.spec.errors import refuse, require

LIBRARY = __name__.partition(".")[0]
TEXT = "_text_when_defined"
GENERATED = {"__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__replace__"}
"""What the decorator of a dataclass adds to a class; its text is nobody's."""
GIVEN = {"__eq__", "__hash__", "__repr__"}
"""What a spec has in place of the decorator's; its text is the library's."""


def ours(defined: Any) -> bool:
    """Say whether a class, or a function, is the library's: of a class, name and version tell what it means."""
    return (getattr(defined, "__module__", None) or "").partition(".")[0] == LIBRARY


def remember(cls: type) -> None:
    """Keep the text of a class's methods with them: a file may change while its classes are in use.

    What is kept goes along where the class is sent to another process, which has no such file or cell.
    """
    for klass in _outside(cls):
        for _, member in _own(klass):
            for function in _functions(member):
                with suppress(OSError, TypeError):
                    function.__dict__.setdefault(TEXT, textwrap.dedent(inspect.getsource(function)))


def described(cls: type, fields: set[str], constant: Callable[[Any], Any]) -> list[Any]:
    """Return a class from outside the library as plain data: its bases in order, with their methods and constants.

    Raises `SpecError` where they cannot be told. What a method calls or reads outside its class is not covered.
    """
    named = [klass for klass in cls.__mro__ if klass is not object]
    own = set(_outside(cls))
    return [
        {"class": k.__name__, "holds": dict(_members(k, fields, constant))} if k in own else k.__name__ for k in named
    ]


def beside(cls: type, classes: Iterable[type], constant: Callable[[Any], Any]) -> list[Any]:
    """Return, of the classes that a class computes with, those of one's own as plain data, each once."""
    own = dict.fromkeys(one for one in classes if not _given(one, cls))
    for one in own:
        remember(one)
    return [described(one, set(), constant) for one in own]


def _outside(cls: type) -> Iterator[type]:
    """Yield a class and its bases, but for those that are given."""
    return (klass for klass in cls.__mro__ if not _given(klass, cls))


def _given(klass: type, cls: type) -> bool:
    """Say whether a class is the library's, torch's, Python's, or installed and of another package than `cls`."""
    package, own = (one.__module__.partition(".")[0] for one in (klass, cls))
    return package in (LIBRARY, "torch", "builtins", "abc", "typing") or (package != own and _installed(klass))


def _installed(klass: type) -> bool:
    """Say whether a class is in a file that is installed, so that a version says what it means."""
    file = Path(getattr(sys.modules.get(klass.__module__), "__file__", None) or "")
    return bool({"site-packages", "dist-packages"} & {*file.parts}) or file.is_relative_to(sysconfig.get_path("stdlib"))


def _own(cls: type) -> list[tuple[str, Any]]:
    """Return the members of a class by name, less those that every spec is given."""
    given = {name for name in GIVEN & vars(cls).keys() if ours(vars(cls)[name])}
    return [(name, member) for name, member in vars(cls).items() if name not in given]


def _functions(member: Any) -> list[FunctionType]:
    """Return the functions that a member of a class is made of, as they were written."""
    if isinstance(member, property):
        parts: list[Any] = [member.fget, member.fset, member.fdel]
    else:
        parts = [member.func if isinstance(member, functools.cached_property) else member]
    return [function for function in map(inspect.unwrap, parts) if isinstance(function, FunctionType)]


def _members(cls: type, fields: set[str], constant: Callable[[Any], Any]) -> Iterator[tuple[str, Any]]:
    """Yield each method's text and each constant of a class, by name; a field's default is in the field."""
    for name, member in sorted(_own(cls), key=operator.itemgetter(0)):
        functions, special = _functions(member), name.startswith("__") and name.endswith("__")
        if functions:
            if not ("__dataclass_params__" in vars(cls) and name in GENERATED and not hasattr(functions[0], TEXT)):
                yield name, [_text(f"{cls.__name__}.{name}", function, constant) for function in functions]
        elif not (special or name in fields or name == "_abc_impl"):
            yield name, _constant(f"{cls.__name__}.{name}", member, constant)


def _text(name: str, function: FunctionType, constant: Callable[[Any], Any]) -> Any:
    """Return a method's text, after it the values of its defaults."""
    free = [variable for variable in function.__code__.co_freevars if variable != "__class__"]
    require(not free, f"{name} uses {', '.join(free)} of the function around it; make each a field of the class.")
    text = getattr(function, TEXT, None)
    if text is None:
        try:
            text = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            refuse(f"The text of {name} cannot be read, and results are named by it; define it in a file or a cell.")
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    return [text, *(_constant(f"A default of {name}", value, constant) for value in defaults)]


def _constant(name: str, value: Any, constant: Callable[[Any], Any]) -> Any:
    try:
        return constant(value)
    except ValueError:
        refuse(
            f"{name} is a {type(value).__name__}, by which no result can be named; make it a field, or a constant of "
            "numbers, texts, tuples and specs."
        )
