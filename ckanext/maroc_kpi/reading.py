"""How a YAML file becomes dataclasses: what it may say, and what it must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from .words import LANGS

T = TypeVar("T")


class DefinitionError(ValueError):
    """A file that cannot be used, with its name and what is wrong in it."""


def build(kind: type[T], raw: Any, where: str) -> T:
    """Make a dataclass of a mapping that has its keys and no other."""
    data = mapping(raw, where)
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in data if key not in known)
    if unknown:
        raise DefinitionError(f"{where} has unknown keys: {', '.join(unknown)}")
    missing = [
        name
        for name, each in known.items()
        if each.default is MISSING
        and each.default_factory is MISSING
        and name not in data
    ]
    if missing:
        raise DefinitionError(f"{where} lacks: {', '.join(missing)}")
    return kind(**data)


def mapping(raw: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise DefinitionError(f"{where} is not a table of keys")
    return raw


def complete(text: Any) -> bool:
    """Return whether it is a sentence in each of the languages, and in no other."""
    return (
        isinstance(text, dict)
        and set(text) == set(LANGS)
        and all(isinstance(each, str) and each.strip() for each in text.values())
    )
