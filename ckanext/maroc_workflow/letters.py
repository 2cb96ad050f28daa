"""What the portal writes to people, in their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.maroc_schema import texts

LANGUAGES = ("fr", "ar", "en")

EVENTS: Mapping[str, Mapping[str, str]] = {
    "submitted": {
        "fr": "attend votre décision",
        "ar": "تنتظر قراركم",
        "en": "waits for your decision",
    },
    "published": {"fr": "est public", "ar": "أصبحت عمومية", "en": "is public"},
    "changes_requested": {
        "fr": "est à corriger",
        "ar": "تحتاج إلى تصحيح",
        "en": "is to be corrected",
    },
    "feed_refused": {
        "fr": "a reçu des lignes qui n'ont pas été prises",
        "ar": "تلقت سطورا لم تُقبل",
        "en": "was sent rows that were not taken in",
    },
    "withdrawn": {"fr": "a été retiré", "ar": "سُحبت", "en": "was withdrawn"},
}
"""What happened to a dataset, after its title."""

_SUBJECT = {
    "fr": "data.gov.ma : {count} nouvelle(s) de vos jeux de données",
    "ar": "data.gov.ma: مستجدات مجموعات بياناتكم ({count})",
    "en": "data.gov.ma: news of your datasets ({count})",
}
_END = {
    "fr": "Vous choisissez vous-même la fréquence de ces messages : {link}",
    "ar": "يمكنكم اختيار وتيرة هذه الرسائل: {link}",
    "en": "You choose how often these messages come: {link}",
}


def mail(lines: Sequence[tuple[str, Any]], lang: str) -> tuple[str, str]:
    """Return the subject and the body of a mail with these notices."""
    told = [
        f"« {title(package, lang)} » {EVENTS[event][lang]}\n"
        f"  {link(package.name, lang)}"
        for event, package in lines
    ]
    end = _END[lang].format(
        link=tk.url_for("maroc_workflow.notices", locale=lang, qualified=True)
    )
    subject = _SUBJECT[lang].format(count=len(lines))
    return subject, "\n\n".join([*told, end])


def digest(day: str, heads: int, value: str) -> tuple[str, str]:
    """Return the mail that takes a night's digest out of the database."""
    subject = f"data.gov.ma : empreinte des décisions du {day}"
    body = (
        f"Empreinte SHA-256 de la nuit du {day}, sur {heads} jeux de données :\n\n"
        f"{value}\n\nGardez ce message : il prouve que les décisions prises jusque-là "
        "n'ont pas été changées. Vérification : ckan maroc-workflow verify."
    )
    return subject, body


def title(package: Any, lang: str) -> str:
    """Return a dataset's title in a language, or in the one it has."""
    found = texts.load(package.extras.get("title_translated"))
    return found.get(lang) or next(iter(found.values()), package.title)


def link(name: str, lang: str) -> str:
    """Return the address of a dataset's page « Publication »."""
    return tk.url_for(
        "maroc_workflow.publication", id=name, locale=lang, qualified=True
    )
