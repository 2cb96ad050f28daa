"""The icons that the pages use, cut out of Font Awesome into one small stylesheet.

Core loads three web fonts (300 kB) and a stylesheet of 1,400 icons to show about
eighty. This writes the eighty as masks, which need no font and take the colour of the
text. Run it when a template uses a new icon (it needs ``pip install fonttools``);
``--check`` only says which icons lack, and needs nothing.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "ckanext" / "maroc_portal" / "assets" / "css" / "icons.css"
PLUGINS = ("activity", "datastore", "dcat", "expire_api_token", "scheming", "spatial")
SUFFIXES = (".html", ".js", ".py")

NAMED = (
    re.compile(r"\bfa-([a-z][a-z0-9-]+)"),
    re.compile(r"""\bicon=["']([a-z][a-z0-9-]+)["']"""),
    re.compile(r"""["']icon["']: *["']([a-z][a-z0-9-]+)["']"""),
)
FONTS = {"solid": "fa-solid-900.ttf", "brands": "fa-brands-400.ttf"}

HEAD = """\
/*
 * Written by ops/icons.py; do not edit.
 * The drawings are Font Awesome Free's, by Fonticons, Inc.:
 * https://fontawesome.com/license/free (CC BY 4.0).
 */
.fa,
.fab,
.far,
.fas,
.fa-brands,
.fa-regular,
.fa-solid {
  --icon: linear-gradient(transparent, transparent);
  display: inline-block;
  font-style: normal;
  line-height: 1;
}
.fa::before,
.fab::before,
.far::before,
.fas::before,
.fa-brands::before,
.fa-regular::before,
.fa-solid::before {
  background: currentColor;
  block-size: 1em;
  content: "";
  display: inline-block;
  inline-size: 1.25em;
  -webkit-mask: var(--icon) center / contain no-repeat;
  mask: var(--icon) center / contain no-repeat;
  vertical-align: -0.125em;
}
.fa-lg {
  font-size: 1.25em;
}
.fa-2x {
  font-size: 2em;
}
.fa-3x {
  font-size: 3em;
}
.fa-inverse {
  color: #fff;
}
.fa-stack {
  block-size: 2em;
  display: inline-block;
  inline-size: 2.5em;
  line-height: 2em;
  position: relative;
  vertical-align: middle;
}
.fa-stack-1x,
.fa-stack-2x {
  inline-size: 100%;
  inset-inline-start: 0;
  line-height: inherit;
  position: absolute;
  text-align: center;
}
.fa-stack-2x {
  font-size: 2em;
  line-height: 1;
}
.fa-spin::before {
  animation: icon-turns 2s linear infinite;
}
@keyframes icon-turns {
  to {
    transform: rotate(1turn);
  }
}
[dir="rtl"] :is(.fa-arrow-left, .fa-arrow-right, .fa-sign-out, .fa-share)::before {
  transform: scaleX(-1);
}
@media (prefers-reduced-motion: reduce) {
  .fa-spin::before {
    animation: none;
  }
}
@media (forced-colors: active) {
  [class*="fa-"]::before {
    background: CanvasText;
    forced-color-adjust: none;
  }
}
"""


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not installed: run ./portal up first.")
    return Path(next(iter(spec.submodule_search_locations)))


def sources() -> Iterable[Path]:
    """Yield the files that may name an icon."""
    core = package_folder("ckan")
    folders = [
        core / "templates",
        core / "public" / "base" / "javascript",
        core / "lib",
        core / "views",
        *(package_folder(f"ckanext.{name}") for name in PLUGINS),
        *(ROOT / "ckanext").glob("maroc_*"),
    ]
    for folder in folders:
        for path in folder.rglob("*"):
            if (
                path.suffix in SUFFIXES
                and not {"tests", "vendor"} & set(path.parts)
                and path != TARGET
            ):
                yield path


def used(known: Iterable[str]) -> set[str]:
    """Return the icons that some page names, out of those that exist."""
    names: set[str] = set()
    for path in sources():
        text = path.read_text("utf-8", "replace")
        for pattern in NAMED:
            names.update(pattern.findall(text))
    return names & set(known)


def codes(style: str) -> dict[str, int]:
    """Return each icon's code point, out of Font Awesome's stylesheet."""
    found: dict[str, int] = {}
    for rule in re.finditer(r"([^{}]+)\{\s*--fa: \"\\([0-9a-f]+)\"", style):
        for name in re.findall(r"\.fa-([a-z0-9-]+)", rule[1]):
            found[name] = int(rule[2], 16)
    return found


def missing() -> set[str]:
    """Return the icons that pages name and the stylesheet lacks."""
    font_awesome = _font_awesome()
    known = codes((font_awesome / "css" / "all.css").read_text("utf-8"))
    there = TARGET.read_text("utf-8") if TARGET.exists() else ""
    return used(known) - set(re.findall(r"^\.fa-([a-z0-9-]+)[,\s{]", there, re.M))


def stylesheet() -> str:
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.ttLib import TTFont

    folder = _font_awesome()
    known = codes((folder / "css" / "all.css").read_text("utf-8"))
    fonts = [TTFont(folder / "webfonts" / name) for name in FONTS.values()]
    by_code: dict[int, list[str]] = defaultdict(list)
    for name in sorted(used(known)):
        by_code[known[name]].append(name)
    rules = [HEAD]
    for code, names in sorted(by_code.items(), key=lambda item: item[1]):
        font = next(font for font in fonts if code in font.getBestCmap())
        glyph = font.getGlyphSet()[font.getBestCmap()[code]]
        pen = SVGPathPen(font.getGlyphSet(), ntos=lambda value: str(round(value)))
        glyph.draw(pen)
        drawing = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 -448 {glyph.width}"
            f" 512'><path transform='scale(1 -1)' d='{pen.getCommands()}'/></svg>"
        )
        address = quote(drawing, safe=" ='/:,-.")
        rules.append(
            ",\n".join(f".fa-{name}" for name in names)
            + f' {{\n  --icon: url("data:image/svg+xml,{address}");\n}}\n'
        )
    return "".join(rules)


def _font_awesome() -> Path:
    return package_folder("ckan") / "public" / "base" / "vendor" / "fontawesome-free"


def main() -> int:
    if "--check" in sys.argv[1:]:
        lacking = sorted(missing())
        if lacking:
            print(f"icons.css lacks {', '.join(lacking)}: run python ops/icons.py")
        return 1 if lacking else 0
    TARGET.write_text(stylesheet(), "utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
