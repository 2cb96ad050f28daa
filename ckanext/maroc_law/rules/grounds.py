"""On what ground people may be in a dataset: the questions that law 09-08 puts.

Three grounds let identifiable people stay: none is there (or none any more), a text
orders the register to be public (art. 18), the CNDP authorised the publication
(art. 12). Publishing is a purpose other than the one of collection, so that a mere
declaration is never quite enough (art. 12, 1, b).
"""

from __future__ import annotations

import datetime as dt

from ckanext.maroc_law.answers import UNSURE, Answers, named

from .rule import Figures

CIN = "cin"
"""The number that alone calls for a prior authorisation (art. 12, 1, e)."""


def ground(given: Answers) -> str:
    """Return the ground answered, or nothing."""
    return given.chosen("personal_data", "personal-data")


def present(given: Answers, _: dt.date) -> bool:
    """Whether people are there on no ground at all."""
    return ground(given) == "presentes"


def public_by_law(given: Answers, _: dt.date) -> bool:
    """Whether a text is said to order the publication."""
    return ground(given) == "publiques-par-la-loi"


def text_not_named(given: Answers, on: dt.date) -> bool:
    """Whether that text is left unnamed."""
    return public_by_law(given, on) and not given.text("legal_text")


def authorised(given: Answers, _: dt.date) -> bool:
    """Whether the CNDP is said to have had the publication before it."""
    return ground(given) == "autorisees"


def act_not_named(given: Answers, on: dt.date) -> bool:
    """Whether the CNDP's act, or its number, is not given."""
    act, number = given.chosen("cndp_act", "cndp-act"), given.text("cndp_number")
    return authorised(given, on) and not (act and number)


def only_declared(given: Answers, on: dt.date) -> bool:
    """Whether the CNDP's act is a receipt, not an authorisation."""
    act = given.chosen("cndp_act", "cndp-act")
    return authorised(given, on) and act == "declaration"


def _without_ground(given: Answers, on: dt.date) -> bool:
    """Whether people are there and nothing that is said authorises it."""
    return ground(given) in {"presentes", UNSURE} or only_declared(given, on)


def cin_without_authorisation(given: Answers, on: dt.date) -> bool:
    """Whether the CIN stays and no authorisation covers it."""
    return CIN in given.slugs("personal_identifiers") and _without_ground(given, on)


def cin_public_by_law(given: Answers, on: dt.date) -> bool:
    """Whether the CIN stays in a register that a text makes public."""
    return CIN in given.slugs("personal_identifiers") and public_by_law(given, on)


def sensitive_without_authorisation(given: Answers, on: dt.date) -> bool | Figures:
    """Whether sensitive data stay, with neither a text nor an authorisation."""
    slugs = given.slugs("sensitive_data")
    if slugs and (_without_ground(given, on) or text_not_named(given, on)):
        return _names("sensitive-data", slugs)
    return False


def sensitive_public_by_law(given: Answers, on: dt.date) -> bool | Figures:
    """Whether sensitive data stay in a register that a named text makes public."""
    slugs = given.slugs("sensitive_data")
    shown = public_by_law(given, on) and given.text("legal_text")
    return _names("sensitive-data", slugs) if slugs and shown else False


def _anonymised(given: Answers) -> bool:
    return ground(given) == "anonymisees"


def method_not_described(given: Answers, _: dt.date) -> bool:
    """Whether the data are said to be anonymous, but not how they became so."""
    return _anonymised(given) and not given.text("anonymisation_method")


def anonymisation_in_doubt(given: Answers, _: dt.date) -> bool:
    """Whether data said to be anonymous keep something that tells people apart."""
    left = given.slugs("personal_identifiers") or given.slugs("sensitive_data")
    return _anonymised(given) and bool(left)


def identifiers_of_nobody(given: Answers, _: dt.date) -> bool | Figures:
    """Whether nobody is said to be there, and identifiers of people are."""
    slugs = given.slugs("personal_identifiers")
    if slugs and ground(given) in {"aucune", "anonymisees"}:
        return _names("personal-identifiers", slugs)
    return False


def sensitive_of_nobody(given: Answers, _: dt.date) -> bool | Figures:
    """Whether nobody is said to be there, and sensitive data are."""
    slugs = given.slugs("sensitive_data")
    if slugs and ground(given) == "aucune":
        return _names("sensitive-data", slugs)
    return False


def _names(vocabulary_id: str, slugs: tuple[str, ...]) -> Figures:
    return {"names": named(vocabulary_id, slugs)}
