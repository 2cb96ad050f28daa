"""What somebody was told, and how often they want to be written to."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.maroc_portal import asking
from ckanext.maroc_schema import languages

from . import letters, notices, words


def page() -> Any:
    """Show somebody's notices, the latest first; take how often mail is wanted."""
    asking.sign_in()
    user: Any = model.User.get(tk.current_user.id)
    if tk.request.method == "POST":
        form = tk.request.form
        notices.choose(
            user,
            mail=next((x for x in notices.FREQUENCIES if x == form.get("mail")), None),
            lang=next((x for x in letters.LANGUAGES if x == form.get("lang")), None),
        )
        model.repo.commit()
        tk.h.flash_success(tk._("Noted."))
        return tk.redirect_to("maroc_workflow.notices")
    lang = languages.of_reader()
    told = [
        {
            "title": letters.title(package, lang),
            "name": package.name,
            "event": letters.EVENTS[row.event][lang],
            "at": words.moment(row.at.isoformat()),
            "is_new": row.read_at is None,
        }
        for row in notices.of(user.id)
        if (package := model.Package.get(row.package_id))
    ]
    notices.read(user.id)
    model.repo.commit()
    return tk.render(
        "maroc_workflow/notices.html",
        {
            "told": told,
            "mail": notices.frequency(user),
            "lang": notices.language(user),
            "frequencies": words.frequencies(),
            "languages": [
                {"code": each, "label": label}
                for each, label in (
                    ("fr", "Français"),
                    ("ar", "العربية"),
                    ("en", "English"),
                )
            ],
        },
    )
