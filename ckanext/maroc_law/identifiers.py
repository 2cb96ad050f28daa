"""Moroccan identifiers in a cell of text: what they are and whether they hold together.

A number that carries check digits (RIB, IBAN, ICE) is told by them; another only by its
shape, and where the shape is common (seven digits), by the title of its column too.
Nothing here keeps or prints a number: a value's ``repr`` shows its kind alone.

A random run of digits of the right length passes a check digit modulo 97 one time in
97: a column of floats of fifteen digits is one per cent ICE. Judge a column by the
share of its cells that pass, never by one cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from .words import Words, fold, normalise, words

__all__ = [
    "KINDS",
    "TITLES",
    "Identifier",
    "Kind",
    "announced",
    "find",
    "iban_of",
    "kind",
    "normalise",
]

Confidence = Literal["high", "medium", "low"]
Personal = Literal["always", "sometimes", "never"]

LONGEST = 64
"""A longer cell is a text, not an identifier."""


def _always(_: str) -> bool:
    return True


def _mod97(digits: str) -> bool:
    """Whether the last two digits are the key of those before: 97 - n * 100 mod 97."""
    return int(digits) % 97 == 0 and 1 <= int(digits[-2:]) <= 97


def _rib_inside(iban: str) -> bool:
    return _mod97(iban[4:])


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of identifier: its shape, its check and what the law makes of it."""

    id: str
    label: Words
    pattern: re.Pattern[str] = field(repr=False)
    """What the whole text must be, once normalised."""
    lengths: tuple[int, ...]
    """How long it may be, once normalised; no other length is tried."""
    confidence: Confidence
    """How sure it is that a text that passes is one of these."""
    personal: Personal
    """Whether it is a natural person's: of an ICE or a RIB, only the holder tells."""
    article: str
    declared_as: str = ""
    """The slug under which a dataset declares it (``personal-identifiers``)."""
    cue_needed: bool = False
    """Whether the shape alone proves nothing, without a title that announces it."""
    cues: tuple[str, ...] = ()
    """Words of a column's title, folded, that announce it."""
    holds: Callable[[str], bool] = field(default=_always, repr=False)
    """Whether the check digits of a text of this shape are right."""
    one_in: int = 1
    """A random text of this shape passes the check one time in so many."""

    def parse(self, text: str) -> Identifier | None:
        """Return the identifier that the text is, or None."""
        plain = normalise(text) if len(text) <= LONGEST else ""
        return Identifier(kind=self, value=plain) if self.fits(plain) else None

    def check(self, text: str) -> bool:
        """Whether the text is one: right shape, right check digits."""
        return len(text) <= LONGEST and self.fits(normalise(text))

    def fits(self, plain: str) -> bool:
        """Whether an already normalised text is one."""
        return (
            len(plain) in self.lengths
            and self.pattern.fullmatch(plain) is not None
            and self.holds(plain)
        )

    def announced(self, title: str) -> bool:
        """Whether a column's title speaks of it."""
        return self.id in announced(title)


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """An identifier read in a cell; its value is kept out of logs."""

    kind: Kind
    value: str = field(repr=False)


_DATA = "Loi 09-08, art. 1 (1)"

KINDS: tuple[Kind, ...] = (
    Kind(
        id="cin",
        label=words(
            fr="Carte nationale d'identité (CIN, CNIE)",
            ar="البطاقة الوطنية للتعريف",
            en="National identity card (CIN, CNIE)",
        ),
        pattern=re.compile("[A-Z]{1,2}[0-9]{5,6}"),
        lengths=(6, 7, 8),
        confidence="medium",
        personal="always",
        article="Loi 09-08, art. 12 (1, e)",
        declared_as="cin",
        cues=("cin", "cnie", "carte nationale", "البطاقه الوطنيه", "ب ت و"),
    ),
    Kind(
        id="rib",
        label=words(
            fr="Relevé d'identité bancaire (RIB)",
            ar="كشف التعريف البنكي (RIB)",
            en="Bank account number (RIB)",
        ),
        pattern=re.compile("[0-9]{24}"),
        lengths=(24,),
        confidence="high",
        personal="sometimes",
        article=_DATA,
        declared_as="rib",
        cues=("rib", "compte bancaire", "الحساب البنكي"),
        holds=_mod97,
        one_in=97,
    ),
    Kind(
        # A valid RIB is 0 modulo 97, so that every valid Moroccan IBAN begins MA64. The
        # usual libraries refuse them all: Morocco is not in SWIFT's registry.
        id="iban",
        label=words(
            fr="IBAN marocain",
            ar="الرقم الدولي للحساب البنكي (IBAN)",
            en="Moroccan IBAN",
        ),
        pattern=re.compile("MA64[0-9]{24}"),
        lengths=(28,),
        confidence="high",
        personal="sometimes",
        article=_DATA,
        declared_as="iban",
        cues=("iban",),
        holds=_rib_inside,
        one_in=97,
    ),
    Kind(
        id="ice",
        label=words(
            fr="Identifiant commun de l'entreprise (ICE)",
            ar="التعريف الموحد للمقاولة (ICE)",
            en="Common company identifier (ICE)",
        ),
        pattern=re.compile("[0-9]{15}"),
        lengths=(15,),
        confidence="high",
        personal="sometimes",
        article="Décret 2-11-63, art. 5",
        declared_as="ice",
        cues=("ice", "التعريف الموحد"),
        holds=_mod97,
        one_in=97,
    ),
    Kind(
        id="massar",
        label=words(fr="Code Massar", ar="رمز مسار", en="Massar code"),
        pattern=re.compile("[A-Z][0-9]{9}"),
        lengths=(10,),
        confidence="medium",
        personal="always",
        article=_DATA,
        declared_as="massar",
        cues=("massar", "cne", "مسار"),
    ),
    Kind(
        id="cne",
        label=words(
            fr="Ancien code national de l'étudiant (CNE)",
            ar="الرقم الوطني القديم للطالب (CNE)",
            en="Former national student number (CNE)",
        ),
        pattern=re.compile("[0-9]{10}"),
        lengths=(10,),
        confidence="low",
        personal="always",
        article=_DATA,
        declared_as="massar",
        cue_needed=True,
        cues=("cne", "code national de l etudiant", "الرقم الوطني للطالب"),
    ),
    Kind(
        id="telephone",
        label=words(fr="Numéro de téléphone", ar="رقم الهاتف", en="Phone number"),
        pattern=re.compile(r"(?:(?:\+212|00212)(?:\(0\))?|0)[5-8][0-9]{8}"),
        lengths=(10, 13, 14, 16, 17),
        confidence="medium",
        personal="sometimes",
        article=_DATA,
        declared_as="telephone",
        cues=("tel", "telephone", "gsm", "mobile", "portable", "هاتف", "الهاتف"),
    ),
    Kind(
        id="plaque",
        label=words(
            fr="Plaque d'immatriculation, depuis 2000",
            ar="لوحة الترقيم، منذ سنة 2000",
            en="Registration plate, since 2000",
        ),
        pattern=re.compile("[0-9]{1,5}[\u0621-\u064a](?:[1-8][0-9]|[1-9])"),
        lengths=(3, 4, 5, 6, 7, 8),
        confidence="medium",
        personal="sometimes",
        article=_DATA,
        declared_as="plaque",
        cues=("plaque", "matricule", "immatriculation", "لوحه الترقيم"),
    ),
    Kind(
        id="cnss",
        label=words(
            fr="Numéro CNSS d'un assuré",
            ar="رقم تسجيل المؤمن له لدى الصندوق الوطني للضمان الاجتماعي",
            en="CNSS number of an insured person",
        ),
        pattern=re.compile("[0-9]{9}"),
        lengths=(9,),
        confidence="low",
        personal="always",
        article=_DATA,
        declared_as="cnss",
        cue_needed=True,
        cues=("cnss", "assure", "الضمان الاجتماعي"),
    ),
    Kind(
        id="cnss-employeur",
        label=words(
            fr="Numéro d'affiliation CNSS d'un employeur",
            ar="رقم انخراط المشغل لدى الصندوق الوطني للضمان الاجتماعي",
            en="CNSS number of an employer",
        ),
        pattern=re.compile("[0-9]{7}"),
        lengths=(7,),
        confidence="low",
        personal="sometimes",
        article=_DATA,
        declared_as="autre",
        cue_needed=True,
        cues=("cnss", "affilie", "affiliation", "الضمان الاجتماعي"),
    ),
    Kind(
        id="passeport",
        label=words(fr="Passeport", ar="جواز السفر", en="Passport"),
        pattern=re.compile("[A-Z]{2}[0-9]{7}|[A-Z][0-9]{6,7}"),
        lengths=(7, 8, 9),
        confidence="low",
        personal="always",
        article=_DATA,
        declared_as="passeport",
        cue_needed=True,
        cues=("passeport", "passport", "جواز السفر"),
    ),
    Kind(
        id="if",
        label=words(fr="Identifiant fiscal", ar="التعريف الضريبي", en="Tax number"),
        pattern=re.compile("[0-9]{7,8}"),
        lengths=(7, 8),
        confidence="low",
        personal="sometimes",
        article=_DATA,
        declared_as="if",
        cue_needed=True,
        # "if" alone is a word of too many other things.
        cues=("identifiant fiscal", "id fiscal", "التعريف الضريبي"),
    ),
    Kind(
        # Unique within its court only.
        id="rc",
        label=words(
            fr="Registre du commerce", ar="السجل التجاري", en="Trade register number"
        ),
        pattern=re.compile("[0-9]{1,6}"),
        lengths=(1, 2, 3, 4, 5, 6),
        confidence="low",
        personal="sometimes",
        article=_DATA,
        declared_as="rc",
        cue_needed=True,
        cues=("rc", "registre du commerce", "registre de commerce", "السجل التجاري"),
    ),
    Kind(
        id="ppr",
        label=words(
            fr="Numéro de paie d'un fonctionnaire (PPR)",
            ar="رقم تأجير الموظف (PPR)",
            en="Civil servant's payroll number (PPR)",
        ),
        pattern=re.compile("[0-9]{5,7}"),
        lengths=(5, 6, 7),
        confidence="low",
        personal="always",
        article=_DATA,
        declared_as="ppr",
        cue_needed=True,
        cues=("ppr", "som", "doti", "رقم التاجير"),
    ),
)

TITLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "nom": (
            "nom",
            "prenom",
            "noms",
            "nom complet",
            "الاسم",
            "النسب",
            "الاسم الكامل",
        ),
        "adresse": ("adresse", "domicile", "عنوان السكن", "العنوان"),
        "email": ("email", "e mail", "mail", "courriel", "البريد الالكتروني"),
        "date-naissance": ("date de naissance", "ne le", "تاريخ الازدياد"),
    }
)
"""What no shape tells and a title announces; keys are ``personal-identifiers``."""

_BY_ID: Mapping[str, Kind] = MappingProxyType({each.id: each for each in KINDS})
_BY_LENGTH = tuple(
    tuple(
        (each, each.pattern.fullmatch, each.holds)
        for each in KINDS
        if length in each.lengths
    )
    for length in range(LONGEST + 1)
)
_DIGIT = re.compile(r"\d")


def kind(kind_id: str) -> Kind:
    """Return the kind that has this id; an unknown id raises LookupError."""
    return _BY_ID[kind_id]


def find(text: str) -> tuple[Kind, ...]:
    """Return the kinds of identifier that a cell may be, the surest of shape first.

    Made for a column of a million cells: a kind is only tried on a text of its length.
    """
    if len(text) > LONGEST or not _DIGIT.search(text):
        return ()
    plain = normalise(text)
    found: list[Kind] = []
    # Some letters become two in capitals: the plain text may be longer than the cell.
    for each, fits, holds in _BY_LENGTH[min(len(plain), LONGEST)]:
        if fits(plain) and holds(plain):
            found.append(each)
    return tuple(found)


def iban_of(rib: str) -> str:
    """Return the IBAN of a valid RIB; another text raises ValueError."""
    parsed = kind("rib").parse(rib)
    if parsed is None:
        raise ValueError("Not a RIB")
    return f"MA64{parsed.value}"


@lru_cache(maxsize=1024)
def announced(title: str) -> frozenset[str]:
    """Return the ids, of :data:`KINDS` and :data:`TITLES`, that a title names."""
    folded = f" {fold(title)} "
    every = {each.id: each.cues for each in KINDS} | dict(TITLES)
    return frozenset(
        each
        for each, cues in every.items()
        if any(f" {cue} " in folded for cue in cues)
    )
