"""./portal i18n: the translations of the bundle, French and Arabic, in one domain.

It reads every string that our Python, templates and JavaScript mark, and those strings
of core's that our pages show and core's own catalogues lack; it brings the catalogues
up to date, compiles them, and fails naming each string that has no translation yet.
``--check`` writes nothing and fails also when a catalogue is out of date.

A translation is written in ``ckanext/maroc_portal/i18n/<language>/LC_MESSAGES/
ckanext-maroc.po``, by hand or with any gettext editor; then this is run again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import io
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from ckan.lib.extract import extract_ckan

ROOT = Path(__file__).resolve().parent.parent
I18N = ROOT / "ckanext" / "maroc_portal" / "i18n"
CORE_STRINGS = ROOT / "ops" / "i18n_core_strings.txt"
DOMAIN = "ckanext-maroc"

# The plural forms are core's own of each language: CKAN chooses among core's
# translations and ours by one rule.
PLURALS = {
    "fr": "nplurals=3; plural=(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? "
    "1 : 2;",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 "
    "? 3 : n%100>=11 && n%100<=99 ? 4 : 5;",
    "en": "nplurals=2; plural=(n != 1);",
}
LANGUAGES = ("fr", "ar")
# English is the language of the strings themselves: its catalogue only rewords core,
# which says "organization" where the portal says "institution".
REWORDED = ("en",)
# How each kind of file is read, and which files are of it.
METHODS = (
    ("python", "*.py"),
    ("javascript", "assets/**/*.js"),
    (extract_ckan, "templates/**/*.html"),
)
SKIPPED = {"tests", "migration", "vendor", "__pycache__"}
EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A string that lacks something in a language."""

    lang: str
    text: str
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.lang}: {self.what}: {self.text!r}"


def strings() -> Catalog:
    """Return every string of the bundle, with the places where it stands."""
    catalog = Catalog(
        project="ckanext-maroc",
        version="1",
        msgid_bugs_address="opendata@add.gov.ma",
        copyright_holder="data.gov.ma",
        charset="utf-8",
        creation_date=EPOCH,
        revision_date=EPOCH,
        fuzzy=False,
    )
    catalog.header_comment = "# Strings of the bundle; written by ./portal i18n."
    for package in sorted((ROOT / "ckanext").glob("maroc_*")):
        for method, pattern in METHODS:
            for path in sorted(package.rglob(pattern)):
                if not SKIPPED & set(path.relative_to(ROOT).parts):
                    _read(catalog, method, path)
    for message in core_strings():
        if message.id not in catalog:
            catalog.add(
                message.id, flags=message.flags, locations=[(_name(CORE_STRINGS), 0)]
            )
    return catalog


def _read(catalog: Catalog, method: object, path: Path) -> None:
    options = {"encoding": "utf-8"}
    for line, message, comments, context in extract_from_file(
        method,
        path,
        options=options,
        comment_tags=("TRANSLATORS:",),
        strip_comment_tags=True,
    ):
        catalog.add(
            message,
            locations=[(_name(path), line)],
            auto_comments=comments,
            context=context,
        )


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def core_strings() -> Iterator[Message]:
    """Yield the strings that we translate for core, as its own catalogue has them."""
    known = core_catalogue()
    for line in CORE_STRINGS.read_text("utf-8").splitlines():
        if line and not line.startswith("# "):
            yield known.get(line) or Message(line)


def core_catalogue(lang: str = "") -> Catalog:
    """Return core's own catalogue: its strings, or its translations into a language."""
    spec = importlib.util.find_spec("ckan")
    if spec is None or spec.origin is None:
        raise SystemExit("CKAN is not installed here: run ./portal up first.")
    folder = Path(spec.origin).parent / "i18n"
    path = folder / lang / "LC_MESSAGES" / "ckan.po" if lang else folder / "ckan.pot"
    with path.open("rb") as source:
        return read_po(source, locale=lang or None)


def folder(lang: str) -> Path:
    return I18N / lang / "LC_MESSAGES"


def stored(lang: str) -> Catalog:
    """Return a language's catalogue as it stands on the disk; a new one is empty."""
    path = folder(lang) / f"{DOMAIN}.po"
    if path.exists():
        with path.open("rb") as source:
            catalog = read_po(source, locale=lang)
    else:
        catalog = Catalog(locale=lang, charset="utf-8")
    return catalog


def updated(template: Catalog, lang: str) -> Catalog:
    """Return a language's catalogue with today's strings, and none that went.

    A new string that core has too begins with core's translation.
    """
    old = stored(lang)
    core = Catalog() if lang in REWORDED else core_catalogue(lang)
    new = Catalog(
        locale=lang,
        project="ckanext-maroc",
        version="1",
        msgid_bugs_address="opendata@add.gov.ma",
        copyright_holder="data.gov.ma",
        charset="utf-8",
        creation_date=EPOCH,
        revision_date=EPOCH,
        last_translator="data.gov.ma",
        language_team=lang,
        fuzzy=False,
    )
    new._num_plurals, new._plural_expr = _plural_rule(lang)
    new.header_comment = f"# The bundle in {lang}; ./portal i18n keeps it up to date."
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        if known is None and lang in REWORDED:
            continue
        known = known or core.get(message.id, message.context)
        same_kind = known is not None and known.pluralizable == message.pluralizable
        new.add(
            message.id,
            string=known.string if known and same_kind else None,
            locations=message.locations,
            flags=message.flags | (known.flags & {"fuzzy"} if known else set()),
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
    return new


def _plural_rule(lang: str) -> tuple[int, str]:
    found = re.fullmatch(r"nplurals=(\d+); plural=(.+);", PLURALS[lang])
    if found is None:
        raise SystemExit(f"The plural rule of {lang} cannot be read.")
    return int(found[1]), found[2]


def gaps(template: Catalog, catalog: Catalog, lang: str) -> Iterator[Gap]:
    """Yield what a language lacks: translations, plural forms, placeholders."""
    for message in catalog:
        if not message.id:
            continue
        found = template.get(message.id, message.context)
        file, line = (found or message).locations[0]
        for what in _faults(message, catalog.num_plurals):
            yield Gap(
                lang=lang,
                text=_ids(message)[0],
                place=f"{file}:{line}" if line else file,
                what=what,
            )


def _faults(message: Message, plurals: int) -> Iterator[str]:
    texts = list(message.string) if message.pluralizable else [message.string]
    if message.fuzzy:
        yield "the translation is marked fuzzy"
    if not all(texts):
        yield "no translation" if not any(texts) else "a plural form is empty"
        return
    if message.pluralizable and len(texts) != plurals:
        yield f"{len(texts)} plural forms, {plurals} needed"
    wanted = {name for each in _ids(message) for name in placeholders(each)}
    for text in texts:
        given = set(placeholders(text))
        # A form for one or two things may leave the number out, as Arabic does.
        if given - wanted or (not message.pluralizable and wanted - given):
            yield f"placeholders {sorted(wanted)} became {sorted(given)}"


def _ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, list | tuple) else [message.id]


def placeholders(text: str) -> list[str]:
    """Return the names that a text leaves open, ``{name}`` and ``%(name)s``."""
    named = re.findall(r"%\((\w+)\)", text)
    anonymous = re.findall(r"(?<!%)%[sd]", text)
    try:
        braces = [field for _, field, _, _ in string.Formatter().parse(text) if field]
    except ValueError:
        braces = []
    return [*named, *anonymous, *braces]


def contents(catalog: Catalog) -> dict[object, object]:
    """Return what of a catalogue matters: strings, translations, their files."""
    return {
        (message.context, message.id): (
            tuple(message.string) if message.pluralizable else message.string,
            message.fuzzy,
            tuple(sorted({file for file, _ in message.locations})),
        )
        for message in catalog
        if message.id
    }


def compiled(catalog: Catalog) -> bytes:
    sink = io.BytesIO()
    write_mo(sink, catalog)
    return sink.getvalue()


def is_compiled(catalog: Catalog, lang: str) -> bool:
    """Whether the .mo file on the disk says what the catalogue says."""
    path = folder(lang) / f"{DOMAIN}.mo"
    return path.exists() and _spoken(path.read_bytes()) == _spoken(compiled(catalog))


def _spoken(binary: bytes) -> tuple[str, dict[object, object]]:
    """Return a compiled catalogue's plural rule and translations."""
    catalog = read_mo(io.BytesIO(binary))
    texts = {
        (message.context, tuple(_ids(message))): message.string
        for message in catalog
        if message.id
    }
    return catalog.plural_forms, texts


def write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as sink:
        write_po(
            sink,
            catalog,
            sort_output=True,
            ignore_obsolete=True,
            include_lineno=False,
            width=88,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal i18n", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    template = strings()
    complaints: list[str] = []
    if not check:
        write(template, I18N / f"{DOMAIN}.pot")
    for lang in (*LANGUAGES, *REWORDED):
        catalog = updated(template, lang)
        if check:
            if contents(catalog) != contents(stored(lang)):
                complaints.append(f"{lang}: the catalogue is out of date")
            if not is_compiled(catalog, lang):
                complaints.append(f"{lang}: the catalogue is not compiled")
        else:
            write(catalog, folder(lang) / f"{DOMAIN}.po")
            (folder(lang) / f"{DOMAIN}.mo").write_bytes(compiled(catalog))
        complaints += map(str, gaps(template, catalog, lang))
    for complaint in complaints:
        print(complaint)
    total = sum(1 for message in template if message.id)
    if complaints:
        print(f"✗ {len(complaints)} complaints on {total} strings. Translate them in")
        print(f"  {_name(I18N)}/<language>/LC_MESSAGES/{DOMAIN}.po, then ./portal i18n")
        return 1
    print(f"✓ {total} strings, in {' and '.join(LANGUAGES)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
