"""A word of public data and its equivalents in French, Arabic and English.

Most datasets are titled in French only, and people ask in Arabic. ``glossary.yaml``
says that ``مستشفى`` is ``hôpital``: a question that holds the one can then be looked
for with the other. Words in, equivalents out; what Solr is asked is the caller's
business. Nothing here needs CKAN.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import takewhile
from pathlib import Path
from typing import NoReturn

import yaml

from ckanext.maroc_law import territory

HERE = Path(__file__).parent / "glossary.yaml"

LANGUAGES = ("fr", "ar", "en")
"""The languages of an entry; the first two are required of it."""

LONGEST = 6
"""How many words a term may have, small words not counted."""

# Said or left out as one likes: "taux de chômage" is also "taux chômage".
_SMALL = (
    "a à au aux by c d de des du en et for from in j l la le les m n of on par per pour"
    " qu s sur t the to حسب في من على عن إلى الى و"
)
SMALL = frozenset(_SMALL.split())

# Letters that people write one for the other. Hamza over or under a letter is a mark
# once Unicode takes it apart, and goes with the accents.
_LETTERS = str.maketrans("ٱةىگڭݣڤپچ٠١٢٣٤٥٦٧٨٩", "اهيكككفبج0123456789")
# Tashkeel, the small letters of the Quran, tatweel, and signs of no width.
_UNSEEN = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u00ad\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2069\ufeff]"
)
_WORD = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")
# "R.A.M.E.D." is one word.
_DOTTED = re.compile(r"(?<!\w)(?:\w\.){2,}\w?(?!\w)")

_ARTICLES = ("ال", "ٱل")
# What is written onto an Arabic word, and how much of the word must be left.
_ONTO = (
    ("ال", 2),
    ("لل", 2),
    ("وال", 2),
    ("فال", 2),
    ("بال", 2),
    ("كال", 2),
    ("ولل", 2),
    ("فلل", 2),
    ("وبال", 2),
    ("و", 3),
    ("ب", 3),
    ("ل", 3),
)
# Regular plurals and feminines: an ending, and what the singular may have instead.
_ENDINGS = (("ات", "ه"), ("ات", ""), ("ين", ""), ("ون", ""), ("يه", "ي"), ("يه", ""))


class GlossaryError(ValueError):
    """A file that is no glossary: where it is wrong, and what is wrong there.

    ``entry`` and ``line`` count from one; zero where the whole file is meant.
    """

    def __init__(
        self, problem: str, *, path: Path, line: int = 0, entry: int = 0
    ) -> None:
        self.problem, self.path, self.line, self.entry = problem, path, line, entry
        where = [path.name]
        where += [f"line {line}"] if line else []
        where += [f"entry {entry}"] if entry else []
        super().__init__(f"{', '.join(where)}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing, as it is said in each language: the usual term, then others."""

    fr: tuple[str, ...]
    ar: tuple[str, ...]
    en: tuple[str, ...] = ()

    def terms(self, lang: str) -> tuple[str, ...]:
        """Return the terms of a language; LookupError where it is not one of ours."""
        if lang not in LANGUAGES:
            raise LookupError(lang)
        return getattr(self, lang)


@dataclass(frozen=True, kw_only=True)
class Match:
    """Words of a question, from ``start`` up to ``end``, and what else says them."""

    start: int
    end: int
    fr: tuple[str, ...] = ()
    ar: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(slots=True)
class _Node:
    """What may follow the words read so far, and the entries that end here."""

    then: dict[str, _Node] = field(default_factory=dict)
    ends: bool = False
    """Whether a term or a name ends here."""
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Glossary:
    """Entries, found by their words in any of the languages."""

    entries: tuple[Entry, ...]
    names: tuple[str, ...] = ()
    """Names of places: where they are asked for, their words are no terms."""
    _root: _Node = field(default_factory=_Node, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the index."""
        for lang in LANGUAGES:
            for entry in self.entries:
                for term in entry.terms(lang):
                    self._place(key(term)).append(entry)
        for name in self.names:
            # A name of one word is as likely the word.
            if len(key(name)) > 1:
                self._place(key(name))

    def terms(self, words: Sequence[str]) -> list[Match]:
        """Return the terms of a question, the longest first tried, left to right.

        :param words: the question's words in their order
        :returns: matches that do not overlap, in the order of the question
        """
        return [
            Match(
                start=start,
                end=end,
                **{lang: _others(lang, said, entries) for lang in LANGUAGES},
            )
            for start, end, said, entries in self._found(words)
        ]

    def spans(self, words: Sequence[str]) -> Iterator[tuple[int, int, list[Entry]]]:
        """Yield where each term stands, from and up to, and the entries it is of."""
        for start, end, _, entries in self._found(words):
            yield start, end, entries

    def known(self, words: Sequence[str]) -> list[Entry]:
        """Return the entries that a question names, each once, in its order."""
        return list(
            dict.fromkeys(
                entry for *_, entries in self._found(words) for entry in entries
            )
        )

    def suggest(self, prefix: str, lang: str, limit: int = 10) -> list[Entry]:
        """Return entries of which a term begins so, for a field that completes.

        Those whose usual term does come first; each kind in the alphabet's order.

        :param prefix: what was typed so far, with or without accents and article
        :param lang: fr, ar or en; another raises LookupError
        """
        if lang not in LANGUAGES:
            raise LookupError(lang)
        typed = _as_typed(prefix)
        if not typed:
            return []
        every = self._sorted[lang]
        begins = takewhile(
            lambda each: each[0].startswith(typed),
            every[bisect_left(every, (typed, 0, 0)) :],
        )
        by_rank = sorted(begins, key=lambda each: (each[1] > 0, each[0], each[2]))
        numbers = dict.fromkeys(number for *_, number in by_rank)
        return [self.entries[number] for number in numbers][: max(limit, 0)]

    @cached_property
    def _sorted(self) -> Mapping[str, Sequence[tuple[str, int, int]]]:
        """Every term as it may be typed, its rank and its entry's number, sorted."""
        return {
            lang: sorted(
                (_as_typed(term), rank, number)
                for number, entry in enumerate(self.entries)
                for rank, term in enumerate(entry.terms(lang))
            )
            for lang in LANGUAGES
        }

    def _place(self, path: Sequence[str]) -> list[Entry]:
        """Return what ends at a path of words, which is there from now on."""
        node = self._root
        for word in path:
            node = node.then.setdefault(word, _Node())
        node.ends = True
        return node.entries

    def _found(
        self, words: Sequence[str]
    ) -> Iterator[tuple[int, int, tuple[str, ...], list[Entry]]]:
        """Yield spans of the words, the term as the index has it, and its entries."""
        read = [
            (position, _forms(piece))
            for position, word in enumerate(words)
            for piece in _pieces(word)
            if piece not in SMALL
        ]
        at = 0
        while at < len(read):
            said = self._longest(read, at, self._root)
            if not said:
                at += 1
                continue
            node = self._root
            for word in said:
                node = node.then[word]
            last = at + len(said)
            start, end = read[at][0], read[last - 1][0] + 1
            # Of a word with a hyphen, what is left of it is not a word.
            while last < len(read) and read[last][0] < end:
                last += 1
            if node.entries:
                yield start, end, said, list(dict.fromkeys(node.entries))
            at = last

    def _longest(
        self, read: Sequence[tuple[int, tuple[str, ...]]], at: int, node: _Node
    ) -> tuple[str, ...]:
        """Return the longest way on from a node; of equals, the one as it is typed."""
        best: tuple[str, ...] = ()
        if at == len(read):
            return best
        for form in read[at][1]:
            after = node.then.get(form)
            if after is None:
                continue
            more = self._longest(read, at + 1, after)
            if (more or after.ends) and len(more) + 1 > len(best):
                best = (form, *more)
        return best


def load(extra: Path | None = None) -> Glossary:
    """Return the glossary; it is read once, and again when a file changes.

    :param extra: a second file, whose entries are added to ours
    :raises GlossaryError: an entry is not one, or a pair is there already
    """
    paths = (HERE,) if extra is None else (HERE, extra)
    return _load(tuple((path, _stamp(path)) for path in paths))


def terms(words: Sequence[str], extra: Path | None = None) -> list[Match]:
    """Return the terms of a question and their equivalents: :meth:`Glossary.terms`.

    >>> [(m.start, m.end, m.fr) for m in terms(["عدد", "المستشفيات"])][-1]
    (1, 2, ('hôpital', 'hôpitaux', 'centre hospitalier'))
    """
    return load(extra).terms(words)


def known(words: Sequence[str], extra: Path | None = None) -> list[Entry]:
    """Return the entries that a question names: :meth:`Glossary.known`."""
    return load(extra).known(words)


def suggest(
    prefix: str, lang: str, limit: int = 10, extra: Path | None = None
) -> list[Entry]:
    """Return entries of which a term begins so: :meth:`Glossary.suggest`."""
    return load(extra).suggest(prefix, lang, limit)


def is_one_of(word: str, keys: Set[str]) -> bool:
    """Whether a word, in one of the forms it may be typed in, is among ``keys``.

    >>> is_one_of("الأعداد", {"اعداد"})
    True
    """
    return any(
        form in keys
        for piece in _pieces(word)
        for form in (fold(piece), *_forms(piece))
    )


def folded(word: str) -> str:
    """Return one word without marks, article or simple plural."""
    return "".join(key(word))


def read(path: Path, already: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """Return the entries of a file.

    :param already: entries of the portal, which the file may not repeat
    :raises GlossaryError: with the line, the entry's number and what is wrong there
    """
    ours = "the portal's glossary"
    pairs = {pair: ours for entry in already for pair in _pairs(entry)}
    found: list[Entry] = []
    for number, node in enumerate(_nodes(path), start=1):
        reading = _Reading(path=path, number=number)
        entry = reading.entry(node)
        said = _pairs(entry)
        for pair in said.keys() & pairs.keys():
            fr, ar = said[pair]
            reading.wrong(node, f"“{fr}” and “{ar}” are together in {pairs[pair]}")
        pairs |= dict.fromkeys(said, f"entry {number}")
        found.append(entry)
    return tuple(found)


@lru_cache(maxsize=20_000)
def key(term: str) -> tuple[str, ...]:
    """Return a term as the index has it: its words, folded, small ones left out.

    >>> key("Taux d’activité"), key("الضَّمان الاجتماعي")
    (('tau', 'activite'), ('ضمان', 'اجتماعي'))
    """
    pieces = list(_pieces(term))
    said = [piece for piece in pieces if piece not in SMALL] or pieces
    return tuple(_stem(piece) for piece in said)


_Stamp = tuple[int, int]


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, _Stamp], ...]) -> Glossary:
    (_, ours), *others = files
    entries = _ours(ours)
    for path, _ in others:
        entries += read(path, entries)
    names = (name for place in territory.places() for name in place.names.values())
    return Glossary(entries=entries, names=tuple(names))


@lru_cache(maxsize=1)
def _ours(_: _Stamp) -> tuple[Entry, ...]:
    return read(HERE)


def _stamp(path: Path) -> _Stamp:
    try:
        stat = path.stat()
    except OSError as error:
        raise GlossaryError(
            f"cannot be read: {error.strerror or error}", path=path
        ) from error
    return stat.st_mtime_ns, stat.st_size


def _nodes(path: Path) -> list[yaml.Node]:
    """Return the entries of a file with their lines, not yet looked at."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise GlossaryError(
            f"is no YAML: {error.problem}", path=path, line=mark.line + 1 if mark else 0
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GlossaryError(f"cannot be read: {error}", path=path) from error
    if isinstance(root, yaml.MappingNode):
        named = {name.value: value for name, value in root.value}
        root = named.get("entries")
    if not isinstance(root, yaml.SequenceNode):
        raise GlossaryError("has no list of entries", path=path)
    return root.value


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """An entry being read, and where it stands."""

    path: Path
    number: int

    def entry(self, node: yaml.Node) -> Entry:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "an entry is {fr: […], ar: […], en: […]}")
        said: dict[str, tuple[str, ...]] = {}
        for name, value in node.value:
            lang = name.value
            if lang not in LANGUAGES:
                self.wrong(name, f"“{lang}” is no language: fr, ar or en")
            if lang in said:
                self.wrong(name, f"“{lang}” is said twice")
            said[lang] = self._terms(value, lang)
        for lang in LANGUAGES[:2]:
            if lang not in said:
                self.wrong(node, f"“{lang}” is missing")
        return Entry(**said)

    def _terms(self, node: yaml.Node, lang: str) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"“{lang}” is a list in brackets: [word, other word]")
        if not node.value:
            self.wrong(node, f"“{lang}” is an empty list")
        seen: dict[tuple[str, ...], str] = {}
        for each in node.value:
            term = self._term(each, lang)
            again = seen.setdefault(key(term), term)
            if again is not term:
                self.wrong(each, f"“{term}” is the same as “{again}” for the search")
        return tuple(seen.values())

    def _term(self, node: yaml.Node, lang: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, f"“{lang}” holds a word that is none")
        term = " ".join(node.value.split())
        letters = [letter for letter in term if letter.isalpha()]
        if not letters:
            self.wrong(node, f"“{lang}” holds a word without letters: “{term}”")
        arabic = lang == "ar"
        if any(_is_arabic(letter) is not arabic for letter in letters):
            script = "Arabic" if arabic else "Latin"
            self.wrong(node, f"“{term}” is in “{lang}” and not in {script} letters")
        if len(key(term)) > LONGEST:
            self.wrong(node, f"“{term}” has more than {LONGEST} words")
        return term

    def wrong(self, node: yaml.Node, problem: str) -> NoReturn:
        raise GlossaryError(
            problem, path=self.path, line=node.start_mark.line + 1, entry=self.number
        )


_Pair = tuple[tuple[str, ...], tuple[str, ...]]


def _pairs(entry: Entry) -> dict[_Pair, tuple[str, str]]:
    return {(key(fr), key(ar)): (fr, ar) for fr in entry.fr for ar in entry.ar}


def _others(
    lang: str, said: tuple[str, ...], entries: Sequence[Entry]
) -> tuple[str, ...]:
    """Return what the entries say in a language, but for what was typed."""
    every = dict.fromkeys(term for entry in entries for term in entry.terms(lang))
    return tuple(term for term in every if key(term) != said)


@lru_cache(maxsize=1_000)
def _is_arabic(letter: str) -> bool | None:
    """Whether a letter is Arabic, or Latin; None where it is neither."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return {"ARABIC": True, "LATIN": False}.get(script)


def _pieces(text: str) -> Iterator[str]:
    """Yield the words of a text, in small letters, with their accents and hamzas."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    plain = _DOTTED.sub(lambda found: found[0].replace(".", ""), plain)
    yield from _WORD.findall(plain.casefold())


@lru_cache(maxsize=20_000)
def fold(piece: str) -> str:
    """Return a word without accents, and with one letter where people write several."""
    if piece.isascii():
        return piece
    apart = unicodedata.normalize("NFD", piece)
    letters = (each for each in apart if unicodedata.category(each) != "Mn")
    return "".join(letters).translate(_LETTERS).replace("يء", "ي")


def _stem(piece: str) -> str:
    """Return a word folded, without article or simple plural.

    "إلكتروني" begins with no article, which the hamza says; "الكتروني" seems to, and is
    found all the same, for a word is looked for with and without.
    """
    word = fold(piece)
    if piece.startswith(_ARTICLES):
        return word[2:] if len(word) > 3 else word
    if len(word) > 3 and word[-1] in "sx" and not word.endswith("ss"):
        return word[:-1]
    return word


def _forms(piece: str) -> tuple[str, ...]:
    """Return what the index may hold of a typed word, the likeliest first."""
    word = fold(piece)
    if not any("\u0621" <= letter <= "\u064a" for letter in word):
        return (_stem(piece),)
    bare = [word, *_bared(word)]
    # An article may stand before what looks like one: "الالتزام".
    bare += [form[2:] for form in bare[1:] if form.startswith("ال") and len(form) > 3]
    ended = [
        form.removesuffix(ending) + other
        for form in bare
        for ending, other in _ENDINGS
        if form.endswith(ending) and len(form) >= len(ending) + 3
    ]
    return tuple(dict.fromkeys(bare + ended))


def _bared(word: str) -> list[str]:
    return [
        word[len(onto) :]
        for onto, left in _ONTO
        if word.startswith(onto) and len(word) >= len(onto) + left
    ]


def _as_typed(text: str) -> str:
    """Return a text to compare letter by letter: folded, without Arabic articles."""
    words = (
        fold(piece)[2:] if piece.startswith(_ARTICLES) else fold(piece)
        for piece in _pieces(text)
    )
    return " ".join(words)
