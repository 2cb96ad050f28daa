"""What a revision changes of the public dataset: field by field, file by file.

Pure: two datasets as ``package_show`` gives them, the fields of their schema, the
answer out. What is compared is what is stored, not what a page makes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Field = Mapping[str, Any]
Dataset = Mapping[str, Any]

NOT_COMPARED = frozenset({"name", "demonstration"})
"""A revision has an address of its own until it is public."""

_OF_FILE = (
    "name",
    "name_translated",
    "description",
    "description_translated",
    "role",
    "format",
    "language",
    "temporal_start",
    "temporal_end",
    "schema",
)


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field, and whether the revision says something else there."""

    field: Field
    is_changed: bool

    @property
    def name(self) -> str:
        return self.field["field_name"]


class FileFate(StrEnum):
    """What becomes of a file."""

    ADDED = "added"
    REMOVED = "removed"
    REPLACED = "replaced"
    DESCRIBED = "described"
    """The same bytes, described otherwise."""
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """A file before and after; one of the two may be missing."""

    fate: FileFate
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def file(self) -> Mapping[str, Any]:
        """The file as it will be, or as it was where it goes."""
        return self.after or self.before or {}


def fields(
    asked: Iterable[Field], before: Dataset | None, after: Dataset
) -> list[FieldChange]:
    """Return the fields in the form's order, those that differ first.

    Without a dataset before, every field that says something is a change; a field
    that is empty on both sides is left out.
    """
    found = []
    for field in asked:
        name = field["field_name"]
        old, new = _value(before or {}, name), _value(after, name)
        if name in NOT_COMPARED or not (old or new):
            continue
        found.append(FieldChange(field=field, is_changed=old != new))
    return sorted(found, key=lambda each: not each.is_changed)


def files(
    before: Dataset | None, after: Dataset, pairs: Mapping[str, str]
) -> list[FileChange]:
    """Return the files in the order of the revision, then those that it removes.

    :param pairs: the revision's files to those of the public dataset, by id
    """
    public = {each["id"]: each for each in (before or {}).get("resources", ())}
    found = []
    for each in after.get("resources", ()):
        old = public.pop(pairs.get(each["id"], ""), None)
        found.append(FileChange(fate=_fate(old, each), before=old, after=each))
    found += [
        FileChange(fate=FileFate.REMOVED, before=each, after=None)
        for each in public.values()
    ]
    return found


def _fate(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> FileFate:
    if before is None:
        return FileFate.ADDED
    if _bytes(before) != _bytes(after):
        return FileFate.REPLACED
    same = all(_value(before, name) == _value(after, name) for name in _OF_FILE)
    return FileFate.SAME if same else FileFate.DESCRIBED


def _bytes(file: Mapping[str, Any]) -> Sequence[Any]:
    """Return what tells a file's content: its hash, or the address of a link."""
    if file.get("hash"):
        return ("hash", file["hash"])
    upload = file.get("url_type") == "upload"
    return (
        "url",
        str(file.get("url") or "").rsplit("/", 1)[-1] if upload else file.get("url"),
    )


def _value(thing: Mapping[str, Any], name: str) -> Any:
    value = thing.get(name)
    return value if value not in (None, "", [], {}) else None
