"""An indicator is a YAML file of ``definitions/``; its name is the file's stem.

The same file feeds the card, the API, the CSV, the method shown to the public and the
tests, which replay its worked examples on PostgreSQL. It is one of three kinds:

- it declares ``facts``, true of one dataset each, and ``counts`` them;
- it has its ``sql``, where it counts something else than datasets. What it ``counts``
  of facts, by institution and the facts that ``by`` names, is then the table
  ``counted`` that its query reads;
- it ``awaits`` somebody who measures it, outside the portal.

Whichever it is, it counts these for each institution:

``numerator``, and ``denominator`` where the measure is a share
    an institution without a row has counted nothing; a denominator of NULL is not
    known;
``eligible`` and ``covered``
    optional: how many things the figure speaks of, and how many could be measured;
``since``
    optional: the day since which the counter counts, NULL while it never did;
one column a component
    named as in ``components``.

An ``sql`` says ``organization``, the institution's id, or NULL for what belongs to
none: the country is the sum. Where a sum would be wrong (``sums: false``) it says
``scope`` instead, and answers for each of the ``scopes``. It reads ``:until``, the day
at whose end the figure is taken, and ``:scope``, an institution's id, or NULL for all.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import yaml
from babel import Locale

from ckanext.maroc_law import vocabulary

from . import criteria, frame
from .frame import Fact
from .reading import DefinitionError, build, complete, mapping
from .words import FAMILIES, LANGS, SOURCES, Plurals, Texts

HERE = Path(__file__).parent / "definitions"
PHRASES = Path(__file__).parent / "phrases.yaml"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]+)")
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|truncate|create|alter|drop|grant|revoke|copy|call"
    r"|do|lock|into|nextval|setval|set_config|pg_sleep)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Component:
    """A number beside the value: a ``part`` of it, or something kept ``beside`` it.

    Without a phrase it is told as its label and the number.
    """

    name: str
    role: Literal["part", "beside"]
    label: Texts
    phrase: Plurals | None = None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The text that the indicator follows."""

    text: Texts
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What must be there for the figure to be measured at all, and what to say else.

    ``pulse`` is a cheap query whose answer changes when the figure may have changed and
    no dataset did; ``silent`` is said of a counter that never counted.
    """

    plugin: str
    table: str
    absent: Texts
    pulse: str = ""
    silent: Texts | None = None


@dataclass(frozen=True, kw_only=True)
class Awaits:
    """Why nothing measures it yet: what would, and who must act."""

    what: Texts
    who: Texts


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Which values ADD may enter, by the letter of their source.

    ``least`` is how many persons or bodies must stand behind a value that is shown.
    """

    letters: Sequence[str]
    least: int = 10


@dataclass(frozen=True, kw_only=True)
class Each:
    """A component for each word of a vocabulary, counted by ``sql`` with ``{slug}``."""

    vocabulary: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Why a scope has no full value."""

    not_applicable: Texts | None = None
    not_measured: Texts | None = None
    partial: Plurals | None = None
    no_denominator: Texts | None = None


@dataclass(frozen=True, kw_only=True)
class Example:
    """A worked example: rows by table, and what they must give by scope."""

    story: str
    until: dt.date
    given: Mapping[str, Sequence[Mapping[str, Any]]]
    expect: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One definition, as written in its file."""

    name: str
    number: int
    family: str
    measure: Literal["count", "share"]
    label: Texts
    description: Texts
    limits: Texts | None = None
    """What the figure does not say."""
    unit: Texts
    phrase: Plurals
    direction: Literal["up", "down", "none"]
    formula: Texts
    numerator: Texts
    denominator: Texts | None = None
    source: str
    reference: Reference
    refresh: Texts
    components: Sequence[Component] = ()
    each: Each | None = None
    needs: Needs | None = None
    awaits: Awaits | None = None
    entered: Entered | None = None
    reasons: Reasons
    version: int
    fingerprints: Mapping[int, str] = field(default_factory=dict)
    facts: Sequence[Fact] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    by: Sequence[str] = ()
    own: str = ""
    """The file's ``sql``."""
    sums: bool = True
    examples: Sequence[Example] = ()

    @cached_property
    def asked(self) -> str:
        """The query of its own with a number for each word; empty if it has none."""
        each = "".join(f", {sql} AS {name}" for name, sql in self._by_word().items())
        return self.own.replace("{each}", each)

    @cached_property
    def counted(self) -> frame.Counts:
        """Every number that it counts over facts."""
        words = self._by_word() if self.counts and not self.own else {}
        return frame.Counts(sql={**self.counts, **words}, by=tuple(self.by))

    @cached_property
    def sql(self) -> str:
        """The whole query, which gives the same wherever CKAN's tables are."""
        if not (self.counts or self.own):
            return ""
        return frame.alone(self.facts, self.counted, self.asked, scoped=self.sums)

    def _by_word(self) -> dict[str, str]:
        if self.each is None:
            return {}
        return {
            by_word(item.slug): self.each.sql.replace("{slug}", item.slug)
            for item in vocabulary.get(self.each.vocabulary).items
        }

    @property
    def parts(self) -> list[Component]:
        """The components that add up to the value."""
        return [each for each in self.components if each.role == "part"]

    @property
    def beside(self) -> list[Component]:
        """The components that the value leaves out."""
        return [each for each in self.components if each.role == "beside"]


def by_word(slug: str) -> str:
    """Return the name of the component that counts a word of a vocabulary."""
    return slug.lower().replace("-", "_")


def fingerprint(sql: str) -> str:
    """Return what identifies a query, whatever its spaces and line ends."""
    words = " ".join(sql.split())
    return hashlib.sha256(words.encode("utf-8")).hexdigest()[:16]


def load(path: Path) -> Indicator:
    """Read one definition; raise :class:`DefinitionError` with all that is wrong."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        indicator = _indicator(path.stem, raw)
        wrong = list(faults(indicator))
    except (yaml.YAMLError, DefinitionError) as error:
        raise DefinitionError(f"{path.name}: {error}") from error
    if wrong:
        raise DefinitionError(f"{path.name}: {'; '.join(wrong)}")
    return indicator


def load_all(folder: Path) -> dict[str, Indicator]:
    """Read a folder's definitions, in the order of their numbers."""
    found = [load(path) for path in folder.glob("*.yaml")]
    found.sort(key=lambda each: each.number)
    numbers = [each.number for each in found]
    if len(set(numbers)) < len(numbers):
        raise DefinitionError(f"two definitions have the same number: {numbers}")
    all_facts(found)
    return {each.name: each for each in found}


def all_facts(found: Iterable[Indicator]) -> dict[str, Fact]:
    """Return several definitions' facts by name: the same name, the same fact."""
    facts: dict[str, Fact] = {}
    for indicator in found:
        for fact in indicator.facts:
            if facts.setdefault(fact.name, fact) != fact:
                raise DefinitionError(
                    f"{indicator.name}: another fact is called {fact.name}"
                )
    return facts


@cache
def indicators() -> dict[str, Indicator]:
    """Every definition, by name, in the order of their numbers."""
    return load_all(HERE)


def faults(indicator: Indicator) -> list[str]:
    """Return what is wrong with a definition, in sentences; empty when all is well."""
    wrong = [
        *_choice_faults(indicator),
        *_rule_faults(indicator),
        *_text_faults(indicator),
    ]
    if indicator.sql:
        wrong += [f"sql: {each}" for each in _unsafe(indicator.sql, {"scope", "until"})]
    if indicator.own:
        wrong += [f"sql: {each}" for each in _unsafe(indicator.asked, {"scope"})]
    if indicator.needs and indicator.needs.pulse:
        wrong += [f"pulse: {each}" for each in _unsafe(indicator.needs.pulse)]
    return wrong


def _choice_faults(indicator: Indicator) -> list[str]:
    choices: dict[str, Collection[str]] = {
        "family": FAMILIES,
        "source": SOURCES,
        "measure": ("count", "share"),
        "direction": ("up", "down", "none"),
    }
    return [
        f"{key} is not one of {', '.join(allowed)}"
        for key, allowed in choices.items()
        if getattr(indicator, key) not in allowed
    ]


def _rule_faults(indicator: Indicator) -> list[str]:
    share, reasons = indicator.measure == "share", indicator.reasons
    measured = bool(indicator.sql) and not indicator.awaits
    may_be_void = measured and (share or indicator.needs is not None)
    components = indicator.components
    named = {each.name for each in components}
    wanted = {"numerator", *named} | ({"denominator"} if share else set())
    rules = {
        "it counts facts, has its sql, or awaits who measures it": bool(
            indicator.sql or indicator.awaits
        ),
        "facts are counted": bool(indicator.counts) == bool(indicator.facts),
        "by names facts of its own, for its sql": (
            {*indicator.by} <= {each.name for each in indicator.facts}
            and (not indicator.by or bool(indicator.own))
        ),
        "counts names the numerator, a share's denominator and each component": (
            not indicator.counts
            or bool(indicator.own or indicator.awaits)
            or wanted
            <= set(indicator.counted.sql)
            <= wanted | {"eligible", "covered", "since"}
        ),
        "a fact has a name, a place and a type": all(
            _NAME.fullmatch(each.name)
            and each.over in frame.PLACES
            and each.type in frame.TYPES
            for each in indicator.facts
        ),
        "entered.letters are B, C, D or E": (
            not indicator.entered
            or (
                bool(indicator.entered.letters)
                and set(indicator.entered.letters) <= set("BCDE")
            )
        ),
        "version is a whole number from 1": (
            type(indicator.version) is int and indicator.version > 0
        ),
        "a share has a denominator, a count has none": (
            share == (indicator.denominator is not None)
        ),
        "reasons.not_applicable is missing": (
            not may_be_void or reasons.not_applicable is not None
        ),
        "reasons.partial and reasons.not_measured go together": (
            (reasons.partial is None) == (reasons.not_measured is None)
        ),
        "a component's name is small letters, digits and _": all(
            _NAME.fullmatch(each.name) for each in components
        ),
        "a component is a part, or beside": all(
            each.role in ("part", "beside") for each in components
        ),
        "there is no worked example": bool(indicator.examples) or not indicator.sql,
    }
    return [sentence for sentence, kept in rules.items() if not kept]


def _text_faults(indicator: Indicator) -> list[str]:
    texts: dict[str, Texts | None] = {
        key: getattr(indicator, key)
        for key in (
            "label",
            "description",
            "limits",
            "unit",
            "formula",
            "numerator",
            "denominator",
            "refresh",
        )
    }
    texts["reference.text"] = indicator.reference.text
    texts["reasons.not_applicable"] = indicator.reasons.not_applicable
    texts["reasons.not_measured"] = indicator.reasons.not_measured
    texts["reasons.no_denominator"] = indicator.reasons.no_denominator
    if indicator.awaits:
        texts["awaits.what"] = indicator.awaits.what
        texts["awaits.who"] = indicator.awaits.who
    plurals: dict[str, Plurals | None] = {
        "phrase": indicator.phrase,
        "reasons.partial": indicator.reasons.partial,
    }
    for each in indicator.components:
        texts[f"components.{each.name}.label"] = each.label
        plurals[f"components.{each.name}.phrase"] = each.phrase
    if indicator.needs:
        texts["needs.absent"] = indicator.needs.absent
        texts["needs.silent"] = indicator.needs.silent
    wrong = [
        f"{where} needs a text in each of {', '.join(LANGS)}"
        for where, text in texts.items()
        if text is not None and not complete(text)
    ]
    for where, plural in plurals.items():
        if plural is not None:
            wrong += [f"{where}.{each}" for each in _plural_faults(plural)]
    return wrong


def categories(lang: str) -> set[str]:
    """Return the plural categories of a language, by CLDR: six in Arabic."""
    return {*Locale(lang).plural_form.tags, "other"}


def _plural_faults(plural: Plurals) -> list[str]:
    if not isinstance(plural, dict) or set(plural) != set(LANGS):
        return [f"needs forms in each of {', '.join(LANGS)}"]
    wrong = []
    for lang, forms in plural.items():
        if not isinstance(forms, dict) or set(forms) != categories(lang):
            wrong.append(f"{lang} needs {', '.join(sorted(categories(lang)))}")
            continue
        for form in forms.values():
            names = {name for _, name, _, _ in Formatter().parse(form) if name}
            if not names <= {"n", "of"}:
                wrong.append(f"{lang} may use {{n}} and {{of}} alone")
    return wrong


def _unsafe(sql: str, required: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """Return why a query may not be run. PostgreSQL's read-only mode stands behind."""
    wrong = []
    bare = re.sub(r"'(?:[^']|'')*'", "''", sql)
    if not re.match(r"\s*(select|with)\b", bare, re.IGNORECASE) or ";" in bare:
        wrong.append("must be one SELECT")
    found = _WRITES.search(bare)
    if found:
        wrong.append(f"may not say {found.group().upper()}")
    parameters = set(_PARAMETER.findall(bare))
    if not required <= parameters <= {"scope", "until", "scopes"}:
        wrong.append("reads :until and :scope, and no other parameter")
    return wrong


def _indicator(name: str, raw: Any) -> Indicator:
    data = dict(mapping(raw, "the file"))
    if "own" in data:
        raise DefinitionError("the file has unknown keys: own")
    data["own"] = data.pop("sql", "")
    data["phrase"] = _phrase(data.get("phrase"))
    data["components"] = [_component(each) for each in data.get("components", ())]
    if data.get("each") is not None:
        data["each"] = build(Each, data["each"], "each")
        data["components"] += [
            Component(name=by_word(item.slug), role="beside", label=dict(item.label))
            for item in vocabulary.get(data["each"].vocabulary).items
        ]
    data["facts"] = [_fact(each) for each in data.get("facts", ())]
    if isinstance(data.get("counts"), dict):
        data["counts"] = {
            key: criteria.filled(str(sql)) for key, sql in data["counts"].items()
        }
    for key, kind in (("awaits", Awaits), ("entered", Entered)):
        if data.get(key) is not None:
            data[key] = build(kind, data[key], key)
    data["reference"] = build(Reference, data.get("reference"), "reference")
    reasons = dict(mapping(data.get("reasons"), "reasons"))
    reasons["partial"] = _phrase(reasons.get("partial"))
    data["reasons"] = build(Reasons, reasons, "reasons")
    if data.get("needs") is not None:
        data["needs"] = build(Needs, data["needs"], "needs")
    data["examples"] = [
        build(Example, each, "examples") for each in data.get("examples", ())
    ]
    return build(Indicator, {"name": name, **data}, "the file")


def _fact(raw: Any) -> Fact:
    fact = build(Fact, raw, "facts")
    return dataclasses.replace(fact, sql=criteria.filled(str(fact.sql)))


def _component(raw: Any) -> Component:
    data = dict(mapping(raw, "components"))
    data["phrase"] = _phrase(data.get("phrase"))
    return build(Component, data, "components")


def _phrase(raw: Any) -> Any:
    """Return a file's own forms, or those of ``phrases.yaml`` that it names."""
    if not isinstance(raw, str):
        return raw
    if raw not in _phrases():
        raise DefinitionError(f"no phrase is called {raw}")
    return _phrases()[raw]


@cache
def _phrases() -> Mapping[str, Plurals]:
    return yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
