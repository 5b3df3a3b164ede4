"""A result is a function of a spec and is named by the spec's digest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing
from typing import Any, ClassVar, NoReturn

import typeguard

WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "True or False"}


class SpecError(ValueError):
    """A spec that no result can be a function of: says what was given, what is allowed, what to do."""


def require(condition: bool, message: str) -> None:
    """Raise `SpecError(message)` unless `condition` holds."""
    if not condition:
        refuse(message)


def refuse(message: str) -> NoReturn:
    """Raise `SpecError(message)`."""
    raise SpecError(message)


@dataclasses.dataclass(frozen=True)
class Spec:
    """A frozen dataclass whose every field decides the result it names.

    `version` is bumped when the meaning of a class changes while its fields do not. A class with
    `by_digest` set is written into a larger spec as its digest alone.
    """

    version: ClassVar[int] = 1
    by_digest: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Raise `SpecError` for a field of another type than is declared; those that override it call it first."""
        declared = typing.get_type_hints(type(self))
        for field in dataclasses.fields(self):
            _check_type(type(self).__name__, field.name, getattr(self, field.name), declared[field.name])

    @property
    def digest(self) -> str:
        """The SHA-256, as 64 hexadecimal digits, of the canonical JSON."""
        known = self.__dict__.get("_digest")
        if known is None:
            known = json_digest(canonical(self))
            object.__setattr__(self, "_digest", known)
        return known


def _check_type(owner: str, name: str, value: Any, declared: Any) -> None:
    """Raise `SpecError` unless a value, with all it holds, is of the declared type."""
    try:
        typeguard.check_type(value, declared, collection_check_strategy=typeguard.CollectionCheckStrategy.ALL_ITEMS)
    except typeguard.TypeCheckError:
        allowed = WORDS.get(declared) or getattr(declared, "__name__", str(declared))
        given = f"{type(value).__name__}(...)" if isinstance(value, Spec) else repr(value)
        refuse(f"{name} was {given}; {owner} takes {allowed} there.")


def added(value: Any, *, kw_only: bool = False) -> Any:
    """Declare a field added later: it had `value` before, and is left out of the digest while it has it."""
    return dataclasses.field(default=value, metadata={"was": value}, kw_only=kw_only)


def canonical(value: Any, *, top: bool = True) -> Any:
    """Return `value` as plain JSON data, each spec as its class, version and fields."""
    if isinstance(value, Spec):
        if value.by_digest and not top:
            return {"class": type(value).__name__, "digest": value.digest}
        return _fields(value)
    if isinstance(value, tuple | list):
        return [canonical(item, top=False) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    refuse(f"A spec holds numbers, strings, tuples and specs; it was given {value!r} ({type(value).__name__}).")


def _fields(spec: Spec) -> dict[str, Any]:
    """Return the class, version and fields of one spec; a field declared float is written as one."""
    out: dict[str, Any] = {"class": type(spec).__name__, "version": spec.version}
    for field in dataclasses.fields(spec):
        value = getattr(spec, field.name)
        if "was" in field.metadata and value == field.metadata["was"]:
            continue
        if field.type in ("float", float) and isinstance(value, int):
            value = float(value)
        out[field.name] = canonical(value, top=False)
    return out


def canonical_json(spec: Spec) -> str:
    """Return the one text of a spec: sorted keys, no spaces, shortest decimals; what is hashed and stored."""
    return _text(canonical(spec))


def json_digest(value: Any) -> str:
    """Return the digest of the spec of which `value` is the canonical JSON, as data."""
    return hashlib.sha256(_text(value).encode()).hexdigest()


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
