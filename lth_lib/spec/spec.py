"""A spec is a frozen dataclass, and its digest a hash of the one text of its fields."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import typing
from collections.abc import Iterator
from typing import Any, ClassVar, Self, TypeVar

from lth_lib.spec import chain, outside
from lth_lib.spec.errors import refuse, require
from lth_lib.spec.values import PLAIN, exact, leaves, shown, words

Kind = TypeVar("Kind", bound="Spec")


@dataclasses.dataclass(frozen=True)
class Spec:
    """A frozen dataclass whose every field decides the result it names.

    `version` is bumped when the meaning of a class changes while its fields do not. A class with
    `by_digest` set is written into a larger spec as its digest alone. Of a class from outside the library the text
    of its methods is in the digest too, so that another class of its name, or the same after an edit, does not find
    its results, and so is that of the classes it is `made_of`; what those methods call or read outside their class is
    not. Specs are equal when their digests are.
    """

    version: ClassVar[int] = 1
    by_digest: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Refuse what inherits from a final class; keep the text of a class from outside the library."""
        super().__init_subclass__()
        for base in cls.__mro__[1:]:
            final = outside.ours(base) and issubclass(base, Spec) and base is not Spec and not inspect.isabstract(base)
            require(
                not final,
                f"{cls.__name__} inherits from {base.__name__}, which is final: it could be trained as its parent; "
                f"inherit from {_abstract(base)}, and hold a {base.__name__} where it is to do the same.",
            )
        if not outside.ours(cls):
            outside.remember(cls)
        for name in outside.GIVEN - vars(cls).keys():  # else the decorator writes its own, which recur into every field
            setattr(cls, name, vars(Spec)[name])

    def __post_init__(self) -> None:
        """Make every field an exact value of its declared type, or refuse it; those that override it call it first."""
        for name, declared in _types(self).items():
            given = getattr(self, name)
            value = _exact(self, name, declared)
            if value is not given:
                object.__setattr__(self, name, value)

    @property
    def digest(self) -> str:
        """The SHA-256, as 64 hexadecimal digits, of the canonical JSON."""
        known = self.__dict__.get("_digest")
        if known is None:
            known = json_digest(canonical(self))
            object.__setattr__(self, "_digest", known)
        return known

    def made_of(self) -> tuple[type, ...]:
        """Return the classes, no specs, that it computes with: of one's own the text is in the digest too."""
        return ()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Spec) and self.digest == other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        fields = (f"{field.name}={_inner(getattr(self, field.name))}" for field in dataclasses.fields(self))
        return f"{type(self).__qualname__}({', '.join(fields)})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return chain.whole, (chain.flat(self, Spec),)


def _inner(value: Any) -> str:
    """Return how a field's value is printed: what is written as its digest is printed so too."""
    if isinstance(value, Spec) and value.by_digest:
        return f"{type(value).__qualname__}({value.digest[:12]})"
    if type(value) is tuple:
        return f"({', '.join(map(_inner, value))}{',' * (len(value) == 1)})"
    return repr(value)


def _abstract(final: type) -> str:
    """Return the name of the abstract class that a final one fulfils."""
    return next((base.__name__ for base in final.__mro__ if inspect.isabstract(base)), "Spec")


@functools.cache
def _declared(cls: type) -> dict[str, Any]:
    """Return the type of each field; raises `SpecError` for a class whose values could not be told apart."""
    hints = typing.get_type_hints(cls)
    fields = {field.name: hints[field.name] for field in dataclasses.fields(cls)}
    for name, declared in fields.items():
        held = [kind for kind in leaves(declared) if kind not in PLAIN]
        require(
            all(isinstance(kind, type) and issubclass(kind, Spec) for kind in held),
            f"{cls.__name__} declares {name} as {declared}; a field is a bool, int, float, text, spec, or a tuple of "
            "them, or None, and takes one kind of number.",
        )
    unseen = [field.name for field in dataclasses.fields(cls) if not field.compare]
    require(not unseen, f"{cls.__name__} leaves {unseen} out of what makes its values equal; every field counts.")
    if not outside.ours(cls):
        described(cls)
    return fields


def _types(spec: Spec) -> dict[str, Any]:
    cls: type = type(spec)
    return _declared(cls)


def _exact(spec: Spec, name: str, declared: Any) -> Any:
    """Return the exact value of a field; raises `SpecError` unless it has one."""
    value = getattr(spec, name)
    try:
        return exact(value, declared)
    except TypeError:
        refuse(f"{name} was {shown(value)}; {type(spec).__name__} takes {words(declared)} there.")


def added(value: Any, *, kw_only: bool = False) -> Any:
    """Declare a field added later: it had `value` before, and is left out of the digest while it has it."""
    return dataclasses.field(default=value, metadata={"was": value}, kw_only=kw_only)


def canonical(value: Any, *, top: bool = True) -> Any:
    """Return `value` as plain JSON data, each spec as its class, version and fields."""
    if isinstance(value, Spec):
        if value.by_digest and not top:
            return {"class": type(value).__name__, "digest": value.digest}
        return _fields(value)
    if type(value) is tuple:
        return [canonical(item, top=False) for item in value]
    if type(value) in PLAIN:
        return value
    refuse(f"A spec holds numbers, strings, tuples and specs; it was given {shown(value)} ({type(value).__name__}).")


def within(value: Any, kind: type[Kind]) -> Iterator[Kind]:
    """Yield the specs of a kind that a value is or is made of, but for what is written by its digest."""
    if isinstance(value, kind):
        yield value
    parts = [getattr(value, field.name) for field in dataclasses.fields(value)] if isinstance(value, Spec) else value
    for part in parts if isinstance(parts, list | tuple) else ():
        if not (isinstance(part, Spec) and part.by_digest):
            yield from within(part, kind)


def _fields(spec: Spec) -> dict[str, Any]:
    """Return the class, version and fields of one spec, and the text of a class from outside the library.

    They are made once: a setting is a part of every run of a study.
    """
    known: dict[str, Any] | None = spec.__dict__.get(chain.MADE_AGAIN)
    if known is None:
        known = _plain(spec)
        object.__setattr__(spec, chain.MADE_AGAIN, known)
    return known


def _plain(spec: Spec) -> dict[str, Any]:
    out: dict[str, Any] = {"class": type(spec).__name__, "version": spec.version}
    for field in dataclasses.fields(spec):
        value = getattr(spec, field.name)
        whole = _exact(spec, field.name, _types(spec)[field.name]) is value
        require(whole, f"{type(spec).__name__}.{field.name} is {shown(value)}; call super().__post_init__() first.")
        if "was" in field.metadata and value == field.metadata["was"]:
            continue
        out[field.name] = canonical(value, top=False)
    if not outside.ours(type(spec)):
        out["class text"] = described(type(spec))  # no field has a space in its name
    if parts := outside.beside(type(spec), spec.made_of(), functools.partial(canonical, top=False)):
        out["parts text"] = parts
    return out


def described(cls: type) -> list[Any]:
    """Return the text of a class from outside the library as plain data; raises `SpecError` where it has none."""
    names = {field.name for field in dataclasses.fields(cls)}
    return outside.described(cls, names, functools.partial(canonical, top=False))


def canonical_json(spec: Spec) -> str:
    """Return the one text of a spec: sorted keys, no spaces, shortest decimals; what is hashed and stored."""
    return _text(canonical(spec))


def json_digest(value: Any) -> str:
    """Return the digest of the spec of which `value` is the canonical JSON, as data."""
    return hashlib.sha256(_text(value).encode()).hexdigest()


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
