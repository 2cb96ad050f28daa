"""A deposit: the question of law 05-20, then a file, then a draft that is half filled.

At one of the four levels of the decree 2-21-406 (art. 13) nothing is taken. All else
starts a draft, which nobody outside the institution sees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_law import vocabulary

from . import errors, languages, prefill, texts
from .legal import CLOSED, OPEN

WITHOUT = "without-file"
"""What the button says that begins a draft without a file."""

UNTITLED = {
    "fr": "Jeu de données sans titre",
    "ar": "مجموعة بيانات بدون عنوان",
    "en": "Untitled dataset",
}

ASKED_AGAIN = ("issued", "temporal_start", "temporal_end", "version", "quality_notes")
"""What the next edition of a series says anew."""


def is_file_asked(sent: Mapping[str, Any]) -> bool:
    """Whether the question of classification was answered, so that a file may come."""
    return sent.get("classification") == OPEN and sent.get("step") == "file"


def is_ready(sent: Mapping[str, Any]) -> bool:
    """Whether a draft can begin: with its file, or without one for now."""
    return is_file_asked(sent) or sent.get("save") == WITHOUT


def problems(sent: Mapping[str, Any], *, has_file: bool) -> dict[str, list[str]]:
    """Return what keeps a deposit from going on, by field."""
    lang = languages.of_reader()
    answer = sent.get("classification") or ""
    known = vocabulary.find("classification", answer)
    if known is None:
        label = vocabulary.get("classification").label[lang]
        return {"classification": [errors.say("choice_required", lang, field=label)]}
    if answer in CLOSED:
        value = known.label[lang]
        return {"classification": [errors.say("classified", lang, value=value)]}
    wants_none = sent.get("save") == WITHOUT
    if answer != OPEN and not wants_none:
        return {"classification": [errors.say("no_file_yet", lang)]}
    link = str(sent.get("url") or "").strip()
    if is_file_asked(sent) and not (has_file or link or wants_none):
        return {"url": [errors.say("file_required", lang)]}
    return {}


def draft(
    sent: Mapping[str, Any], upload: FileStorage | None, *, on: dt.date
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the draft that a deposit makes, half filled, and its file or link."""
    takes = is_file_asked(sent) and sent.get("save") != WITHOUT
    link = str(sent.get("url") or "").strip() if takes else ""
    has_file = takes and upload is not None and bool(upload.filename)
    name = (upload.filename if upload and has_file else link) or ""
    owner = model.Group.get(str(sent.get("owner_org") or ""))
    institution = _institution(owner) if owner else {}
    found = prefill.answers(name, institution)
    if not found.get("title_translated"):
        reader = languages.of_reader()
        found["title_translated"] = {reader: UNTITLED[reader]}
    file = None
    if has_file:
        file = {"url": name, "url_type": "upload", "upload": upload}
    elif link:
        file = {"url": link}
    made = {
        **found,
        "type": "dataset",
        "state": "draft",
        "private": True,
        "owner_org": sent.get("owner_org"),
        "classification": sent.get("classification"),
    }
    if sent.get("classification") == OPEN:
        # Whoever answers today has just looked at the level (décret 2-21-406, art. 15).
        made["classification_date"] = on.isoformat()
    return made, file


def copied(dataset: Mapping[str, Any], *, edition: bool) -> dict[str, Any]:
    """Return a draft that answers as a dataset does, without its files.

    What the law asks is asked again: nobody has looked at the data to come.
    """
    schema = tk.get_action("scheming_dataset_schema_show")({}, {"type": "dataset"})
    names = [
        field["field_name"]
        for field in schema["dataset_fields"]
        if field.get("section") in ("essential", "improve")
    ]
    answers = {
        name: dataset[name]
        for name in ["owner_org", *names]
        if dataset.get(name) not in (None, "", [], {})
    }
    if edition:
        title = texts.load(dataset.get("title_translated"))
        answers.setdefault("series", texts.core(title))
        for name in ASKED_AGAIN:
            answers.pop(name, None)
    return {**answers, "type": "dataset", "state": "draft", "private": True}


def placed(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the errors of a draft, those of its file at the field of the file."""
    asked = ("classification", "owner_org")
    errs = {name: value for name, value in found.items() if name in asked}
    others = [value for name, value in found.items() if name not in asked]
    return {**errs, "url": others} if others else errs


def _institution(group: Any) -> dict[str, Any]:
    places = tk.get_validator("maroc_list_output")(group.extras.get("territory"))  # pyright: ignore[reportCallIssue]
    return {
        "title_translated": group.extras.get("title_translated") or group.title,
        "territory": places if group.extras.get("territory") else [],
        "contact_email": group.extras.get("contact_email"),
        "license_id": group.extras.get("license_id"),
    }
