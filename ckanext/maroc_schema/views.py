"""The pages on which a GdD deposits data, answers for them, and makes a new edition.

CKAN's own two steps ask everything before the file. Here the question of law 05-20
comes first, then the file, and what the file and the institution already say is not
asked again. Addresses are CKAN's own, so that every link to them holds.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import DataError, unflatten
from ckan.logic import clean_dict, parse_params, tuplize_dict

from ckanext.maroc_law import vocabulary
from ckanext.maroc_law.answers import UNSURE
from ckanext.maroc_portal import asking, clock

from . import deposit, errors, helpers, languages, legal, texts
from .vocabulary_pages import maroc_vocabularies

__all__ = ["maroc_schema", "maroc_vocabularies"]

maroc_schema = Blueprint("maroc_schema", __name__)

TYPE = "dataset"

ONE_TEXT = frozenset({"classification", "owner_org", "save", "step", "url"})
"""What our forms send once, as a text."""

NOT_ASKED = frozenset({"id", "name", "private", "resources", "state", "type"})
"""What the form does not ask: a caller who adds it is not heard."""


@maroc_schema.route("/dataset/new", methods=["GET", "POST"])
def new() -> Any:
    """Take a file, once its classification allows to; the draft is then described."""
    asking.sign_in()
    with asking.answered():
        tk.check_access("package_create", asking.context(), {})
    if tk.request.method != "POST":
        args = tk.request.args
        return _ask({**args, "owner_org": args.get("group", "")}, {})
    sent = _sent()
    upload = tk.request.files.get("upload")
    found = deposit.problems(sent, has_file=bool(upload and upload.filename))
    if found or not deposit.is_ready(sent):
        return _ask({**sent, "step": "file"}, found)
    try:
        with asking.answered():
            made = _deposit(sent, upload)
    except tk.ValidationError as refused:
        return _ask(sent, deposit.placed(refused.error_dict))
    return tk.redirect_to(f"{TYPE}.edit", id=made["name"], deposited=1)


@maroc_schema.route("/dataset/edit/<id>", methods=["GET", "POST"])
def edit(id: str) -> Any:  # noqa: A002 - CKAN's pages of a dataset say id
    """Ask what a dataset must say of itself; save it, publish it, or say what lacks."""
    asking.sign_in()
    with asking.answered():
        tk.check_access("package_update", asking.context(), {"id": id})
        dataset = tk.get_action("package_show")(
            asking.context(for_edit=True), {"id": id}
        )
    if tk.request.method != "POST":
        return _form(dataset, dataset, {})
    sent = _sent()
    wish = sent.pop("save", "")
    answers = {
        **{name: value for name, value in sent.items() if name not in NOT_ASKED},
        **_not_asked(sent),
    }
    try:
        saved = _act("package_patch", {**answers, "id": dataset["id"]})
    except tk.ValidationError as refused:
        return _form(dataset, {**dataset, **answers}, refused.error_dict)
    if wish == "publish":
        return _publish(saved)
    tk.h.flash_success(_saved(saved))
    return tk.redirect_to(f"{TYPE}.read", id=saved["name"])


@maroc_schema.route("/dataset/<id>/copie", methods=["POST"])
def copy(id: str) -> Any:  # noqa: A002 - CKAN's pages of a dataset say id
    """Make a draft that answers as this dataset does: a copy, or its next edition."""
    page = tk.url_for(f"{TYPE}.read", id=id)
    asking.sign_in(back=page)
    edition = tk.request.form.get("as") == "edition"
    with asking.answered():
        dataset = tk.get_action("package_show")(asking.context(), {"id": id})
        try:
            made = _act("package_create", deposit.copied(dataset, edition=edition))
        except tk.ValidationError as refused:
            tk.h.flash_error(". ".join(refused.error_summary.values()))
            return tk.redirect_to(page)
    tk.h.flash_success(
        tk._("The draft answers as the dataset it comes from. Add its own data.")
    )
    return tk.redirect_to(f"{TYPE}.edit", id=made["name"])


def _deposit(sent: dict[str, Any], upload: FileStorage | None) -> dict[str, Any]:
    """Make the draft and its file in one transaction: a refused file leaves nothing."""
    draft, file = deposit.draft(sent, upload, on=clock.today())
    if file is None:
        return _act("package_create", draft)
    context = asking.context(allow_state_change=True, defer_commit=True)
    try:
        made = tk.get_action("package_create")(context, draft)
        _act("resource_create", {**file, "package_id": made["id"]})
    except (tk.ValidationError, tk.NotAuthorized):
        model.Session.rollback()
        raise
    return made


def _publish(saved: dict[str, Any]) -> Any:
    """Ask the workflow; say what lacks at its fields, or what comes next."""
    try:
        told = _act("maroc_workflow_submit", {"id": saved["id"]})
    except tk.ValidationError as refused:
        return _form(saved, saved, refused.error_dict, is_saved=True)
    if told["public"]:
        tk.h.flash_success(tk._("The dataset is public."))
    elif told["state"] == "checking":
        tk.h.flash_notice(
            tk._("Saved. The files are being checked; publication follows by itself.")
        )
    else:
        tk.h.flash_notice(
            tk._("Saved, and not public: your institution's ROD must examine it first.")
        )
    return tk.redirect_to(f"{TYPE}.read", id=told["name"])


def _not_asked(sent: dict[str, Any]) -> dict[str, str]:
    """Return the questions that the answers sent have put away: their answers go."""
    schema = tk.h.scheming_get_dataset_schema(TYPE)
    return {
        field["field_name"]: ""
        for field in schema["dataset_fields"]
        if field.get("shown_if")
        and not any(sent.get(each) is None for each in field["shown_if"])
        and not helpers.maroc_schema_is_asked(field, sent)
    }


def _saved(dataset: dict[str, Any]) -> str:
    if dataset.get("revision_of"):
        return tk._(
            "Saved as a revision: a decision is needed first, and the public dataset "
            "stays as it was."
        )
    if dataset["state"] != "active":
        return tk._("Your draft is kept. Nobody outside your institution sees it.")
    if dataset["private"]:
        return tk._("Saved. The dataset is not public.")
    return tk._("Saved. The dataset is public.")


def _ask(sent: dict[str, Any], found: dict[str, Any]) -> Any:
    lang = languages.of_reader()
    levels = [
        {
            "slug": each.slug,
            "is_closed": each.slug in legal.CLOSED,
            "refusal": errors.say(
                "classified" if each.slug in legal.CLOSED else "no_file_yet",
                lang,
                value=each.label[lang],
            ),
        }
        for each in vocabulary.get("classification").choices
        if each.slug != legal.OPEN
    ]
    return tk.render(
        "maroc_schema/deposit.html",
        {
            "data": sent,
            "errors": found,
            "levels": levels,
            "step": "file" if deposit.is_file_asked(sent) else "",
            "may_wait": sent.get("classification") == UNSURE,
            "dataset_type": TYPE,
        },
    )


def _form(
    dataset: dict[str, Any],
    data: dict[str, Any],
    found: dict[str, Any],
    *,
    is_saved: bool = False,
) -> Any:
    form_vars = {
        "data": data,
        "errors": found,
        "error_summary": {},
        "action": "edit",
        "dataset_type": TYPE,
        "form_style": "edit",
        "is_saved": is_saved,
    }
    return tk.render(
        "package/edit.html",
        {
            "form_vars": form_vars,
            "form_snippet": "scheming/package/snippets/package_form.html",
            "dataset_type": TYPE,
            "pkg_dict": dataset,
            "pkg": dataset,
        },
    )


def _act(action: str, data: dict[str, Any]) -> dict[str, Any]:
    """Call an action that may take a dataset from a draft to an active one."""
    return tk.get_action(action)(asking.context(allow_state_change=True), data)


def _sent() -> dict[str, Any]:
    """Return what the form sent; what no form of ours sends is a bad request."""
    try:
        sent = clean_dict(unflatten(tuplize_dict(parse_params(tk.request.form))))
    except (DataError, TypeError, AttributeError, KeyError):
        tk.abort(400, tk._("This form could not be read."))
        raise
    for name in ONE_TEXT & sent.keys():
        value = sent[name]
        if not isinstance(value, str) or texts.UNPRINTABLE.search(value):
            tk.abort(400, tk._("This form could not be read."))
    return sent
