"""The portal's pages about itself: its accessibility, its source code."""

from __future__ import annotations

import functools
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from flask import Response, send_file

import ckan.plugins.toolkit as tk

PACKAGES = Path(__file__).resolve().parent.parent
CLONE = PACKAGES.parent
# In a clone of the repository the rest stands beside the packages; in an installed
# wheel the packages are all there is. Nothing else is ever taken: no state, no secret.
BESIDE = (
    "CHANGELOG.md",
    "LICENSE",
    "MANIFEST.in",
    "README.md",
    "docker-compose.yml",
    "docs",
    "ops",
    "portal",
    "pyproject.toml",
    "schemas",
    "setup.py",
    "solr",
    "test.ini",
)
SKIPPED = {"__pycache__", "node_modules", "target"}


def accessibility() -> str:
    """Say how far the portal can be used by everyone, and how to report a barrier."""
    return tk.render("home/accessibility.html")


def source() -> Response:
    """Give the source code that this portal runs, as section 13 of the AGPL asks."""
    return send_file(
        io.BytesIO(archive()),
        mimetype="application/gzip",
        as_attachment=True,
        download_name="data-gov-ma-source.tar.gz",
    )


@functools.cache
def archive() -> bytes:
    """Return the source code as an archive; it changes with a restart only."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as tar:
        for path in files():
            tar.add(path, arcname=f"data-gov-ma/{path.relative_to(CLONE)}")
    return sink.getvalue()


def files() -> Iterator[Path]:
    """Yield the files of the bundle: its packages and what stands beside them."""
    roots = sorted(PACKAGES.glob("maroc_*"))
    if (CLONE / "pyproject.toml").exists() and (CLONE / "portal").exists():
        roots += [CLONE / name for name in BESIDE]
    for root in roots:
        found = sorted(root.rglob("*")) if root.is_dir() else [root]
        yield from (path for path in found if belongs(path))


def belongs(path: Path) -> bool:
    """Whether a file is source code of ours: no link, nothing hidden, nothing built."""
    inside = path.relative_to(CLONE).parts
    return (
        path.is_file()
        and not path.is_symlink()
        and not any(part.startswith(".") for part in inside)
        and not SKIPPED & set(inside)
        and path.suffix != ".pyc"
    )
