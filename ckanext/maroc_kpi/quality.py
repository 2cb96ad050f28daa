"""How well one dataset is described: the 405 points, and the portal's own index.

The points are those of data.europa.eu's assessment, as indicator 6 counts them: a
file's points are the mean of the data files', and what is not known is not won. Our
index puts the same questions and a few of its own, and looks at them otherwise:

- a question that does not arise is left out (a register has no period, a file without
  a table no columns); what was given all the same counts;
- what could not be known is neither good nor bad: it is left out of the value, and
  said by the ``coverage``, the part of the applicable points that was measured, with
  ``low`` and ``high``, between which the value would be if all were known;
- Arabic and French weigh the same: a title counts when it is there in both, each in
  its own letters;
- without a data file nothing can be reached: what is asked of its address is missing,
  what is asked of the file itself does not arise.

Pure: a dataset as ``package_show`` gives it and what was found of it go in, the
judgement comes out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from ckanext.maroc_schema import dictionary, texts

from .criteria import OF, Criteria, Criterion, absent

Known = Mapping[str, bool | None]
"""By criterion: whether it is met; None where that cannot be known."""

State = Literal["met", "missing", "not_measured", "not_applicable"]
ORDER: Sequence[State] = ("missing", "not_measured", "not_applicable", "met")

ENOUGH = Fraction(8, 10)
"""Below this coverage, pages tell between what the index lies, not the index."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What SQL says of a dataset: its answers, its data files', and their columns.

    ``files`` is by the resource's id, in no order; ``columns`` has the names of the
    columns of those that have a table.
    """

    dataset: Known
    files: Mapping[str, Known] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One criterion of a dataset or of one of its files, with what it was worth.

    ``points`` may be won here, a file's being its share of the criterion's; ``got``
    were. ``column`` is the place, from 1, of the first column that is not described.
    """

    criterion: Criterion
    state: State
    points: Fraction
    got: Fraction = Fraction(0)
    file: Mapping[str, Any] | None = None
    column: int = 0

    @property
    def gain(self) -> Fraction:
        """What each minute of answering brings, at most."""
        return (self.points - self.got) / self.criterion.minutes


@dataclass(frozen=True, kw_only=True)
class Index:
    """The portal's own index, in percent; None where nothing could be measured."""

    value: Fraction | None
    coverage: Fraction
    low: Fraction
    high: Fraction

    @property
    def state(self) -> str:
        if self.value is None:
            return "not_measured"
        return "measured" if self.coverage == 1 else "partial"


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What a dataset's description is worth, and why."""

    points: int
    unknown: int
    """The points that nobody knows whether they are won."""
    index: Index
    items: Sequence[Item]
    """What is missing first, by what a minute brings."""

    @property
    def measured_of(self) -> int:
        return OF - self.unknown


def judge(dataset: Mapping[str, Any], found: Found, asked: Criteria) -> Quality:
    """Return what the description of a dataset is worth."""
    files = [each for each in dataset["resources"] if each["id"] in found.files]
    items = [
        item
        for each in asked.criteria
        for item in (
            [_of_dataset(each, dataset, found)]
            if each.over == "dataset"
            else _of_files(each, files, found)
        )
    ]
    items.sort(key=lambda item: (ORDER.index(item.state), -item.gain))
    return Quality(
        points=_in_all(items, lambda item: item.got),
        unknown=_in_all(
            items,
            lambda item: item.points if item.state == "not_measured" else Fraction(0),
        ),
        index=_index(items),
        items=items,
    )


def _of_dataset(each: Criterion, dataset: Mapping[str, Any], found: Found) -> Item:
    known = None if each.never else found.dataset.get(each.name)
    if each.own:
        known = OWN_OF_DATASETS[each.name](dataset)
    state = _state(known)
    if state == "missing" and absent(each, dataset):
        state = "not_applicable"
    return _item(each, state, Fraction(each.points))


def _of_files(
    each: Criterion, files: Sequence[Mapping[str, Any]], found: Found
) -> Iterator[Item]:
    if not files:
        yield _item(each, each.no_file, Fraction(each.points))
    for file in files:
        share = Fraction(each.points, len(files))
        if each.name == "columns":
            columns = found.columns.get(file["id"], ())
            yield _of_columns(each, share, file, columns)
        elif each.own:
            known = OWN_OF_FILES[each.name](file)
            yield _item(each, _state(known), share, file)
        else:
            known = found.files[file["id"]].get(each.name)
            yield _item(each, _state(known), share, file)


def _of_columns(
    each: Criterion, share: Fraction, file: Mapping[str, Any], columns: Sequence[str]
) -> Item:
    """Judge a table's columns: each that is described brings its part."""
    if not columns:
        return _item(each, "not_applicable", share, file)
    described = _described(file)
    first = next((at for at, name in enumerate(columns, 1) if name not in described), 0)
    return Item(
        criterion=each,
        state="missing" if first else "met",
        points=share,
        got=share * sum(name in described for name in columns) / len(columns),
        file=file,
        column=first,
    )


def _state(known: bool | None) -> State:
    if known is None:
        return "not_measured"
    return "met" if known else "missing"


def _item(
    each: Criterion,
    state: State,
    points: Fraction,
    file: Mapping[str, Any] | None = None,
) -> Item:
    got = points if state == "met" else Fraction(0)
    return Item(criterion=each, state=state, points=points, got=got, file=file)


def _in_all(items: Iterable[Item], worth: Callable[[Item], Fraction]) -> int:
    """Return the points of the assessment; those of files are rounded to a whole."""
    assessed = [item for item in items if not item.criterion.own]
    dataset, files = (
        sum((worth(it) for it in assessed if it.criterion.over == over), Fraction(0))
        for over in ("dataset", "files")
    )
    # As PostgreSQL rounds, a half goes up.
    return int(dataset) + int(files + Fraction(1, 2))


def _index(items: Iterable[Item]) -> Index:
    applicable = [item for item in items if item.state != "not_applicable"]
    possible = sum((item.points for item in applicable), Fraction(0))
    unknown = sum(
        (item.points for item in applicable if item.state == "not_measured"),
        Fraction(0),
    )
    got = sum((item.got for item in applicable), Fraction(0))
    measured = possible - unknown
    return Index(
        value=100 * got / measured if measured else None,
        coverage=measured / possible,
        low=100 * got / possible,
        high=100 * (got + unknown) / possible,
    )


FEWEST = 4
"""Of fewer datasets, quartiles would say nothing."""


def quartiles(datasets: Mapping[int, int]) -> tuple[int, int, int] | None:
    """Return the first quartile, the median and the third, exactly.

    :param datasets: how many datasets have how many points
    :returns: each the fewest points that a quarter, a half, three quarters of the
        datasets do not exceed; None where they are fewer than four
    """
    total = sum(datasets.values())
    if total < FEWEST:
        return None
    found, so_far = [], 0
    for points in sorted(datasets):
        so_far += datasets[points]
        while len(found) < 3 and 4 * so_far >= (len(found) + 1) * total:
            found.append(points)
    first, median, third = found
    return first, median, third


# What the index asks beside the assessment


def in_both(given: object) -> bool:
    """Return whether a text is there in French and in Arabic, each in its letters."""
    if not isinstance(given, Mapping):
        return False
    return all(
        texts.SCRIPTS[lang].search(str(given.get(lang) or "")) for lang in ("fr", "ar")
    )


OWN_OF_DATASETS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "title_both": lambda dataset: in_both(dataset.get("title_translated")),
    "notes_both": lambda dataset: in_both(dataset.get("notes_translated")),
}
OWN_OF_FILES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "file_name_both": lambda file: in_both(file.get("name_translated")),
}


def _described(file: Mapping[str, Any]) -> Collection[str]:
    """Return the columns that a file's data dictionary labels or explains."""
    given = file.get("data_dictionary")
    try:
        entries = dictionary.tidy(json.loads(given) if isinstance(given, str) else [])
    except ValueError:
        # An old one that can no longer be read describes nothing.
        return ()
    return {
        each["id"]
        for each in entries
        if each["info"].get("label") or each["info"].get("notes")
    }
