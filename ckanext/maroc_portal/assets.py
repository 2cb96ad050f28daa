"""Core's bundles without what our pages never use: date libraries and icon fonts.

CKAN lets a plugin register a bundle under the name of a core one before core does.
Two are replaced: ``vendor/vendor`` holds our few lines instead of moment.js and its
140 locales (75 kB compressed), ``vendor/fontawesome`` the icons that pages show instead
of three web fonts (300 kB).
"""

from __future__ import annotations

from pathlib import Path

import yaml
from webassets import Bundle  # pyright: ignore[reportPrivateImportUsage]

import ckan
from ckan.lib import webassets_tools

OURS = Path(__file__).parent / "assets"
CORE = Path(ckan.__file__).parent / "public" / "base" / "vendor"

INSTEAD = {
    "moment-with-locales.js": OURS / "js" / "dates.js",
    "fontawesome-free/css/all.css": OURS / "css" / "icons.css",
}
"""What stands in for a file of core's, in whichever bundle it is."""

FILTERS = {"cssrewrite": None}


def lighten_core() -> None:
    """Register core's bundles with our files in them. Core registers the others."""
    library = yaml.safe_load((CORE / "webassets.yml").read_text("utf-8"))
    for name, bundle in library.items():
        full_name = f"vendor/{name}"
        if not INSTEAD.keys() & set(bundle["contents"]):
            continue
        if not webassets_tools.is_registered(full_name):
            webassets_tools.env.register(
                full_name,
                Bundle(
                    *(str(INSTEAD.get(f, CORE / f)) for f in bundle["contents"]),
                    # Our files name no other file, whose address would be rewritten.
                    filters=FILTERS.get(bundle.get("filters"), bundle.get("filters")),
                    output=bundle["output"],
                    extra=bundle.get("extra", {}),
                ),
            )
