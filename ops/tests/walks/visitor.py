"""A person with a browser, and what every page owes that person.

Each page that a walk visits is held to the same: axe finds nothing serious, Tab gets
everywhere and shows where it is, nothing overflows, every value says its language, no
third party is asked, the content policy is not broken, the weight stays small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

# An ordinary browser's name: COUNTER's list takes HeadlessChrome for a robot.
ORDINARY = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36"
)
WIDE, NARROW = (1280, 900), (360, 740)
BUDGET_KB = 600
SERIOUS = ("serious", "critical")

# Letters of the two scripts: a text is checked where it holds enough of one.
ADDRESS = re.compile(r"\S+[@/]\S+")
ARABIC, LATIN = re.compile(r"[\u0621-\u064A]"), re.compile(r"[A-Za-zÀ-ÿ]")


@dataclass
class Seen:
    """What the browser told of the page in view."""

    foreign: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    bytes: int = 0


class Visitor:
    """A browser window of one person, in one language and size."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        artefacts: Path,
        axe: str,
        *,
        lang: str = "fr",
        size: tuple[int, int] = WIDE,
        touch: bool = False,
    ) -> None:
        self.address, self.lang = address, lang
        self.size, self.touch = size, touch
        self._artefacts, self._axe = artefacts, axe
        self.context: BrowserContext = browser.new_context(
            user_agent=ORDINARY,
            viewport={"width": size[0], "height": size[1]},
            locale={"fr": "fr-MA", "ar": "ar-MA", "en": "en-GB"}[lang],
            has_touch=touch,
            is_mobile=touch,
            accept_downloads=True,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.seen = Seen()
        self.interactions = 0
        """How many times this person has touched the page, since it was counted."""
        self._measure()

    def _measure(self) -> None:
        protocol = self.context.new_cdp_session(self.page)
        protocol.send("Network.enable")
        protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
        protocol.on(
            "Network.loadingFinished",
            lambda it: self._add(int(it["encodedDataLength"])),
        )
        self.page.on("request", lambda it: self._request(it.url))
        self.page.on("console", lambda it: self._console(it.type, it.text))
        self.page.on("pageerror", lambda it: self.seen.errors.append(str(it)))

    def _add(self, size: int) -> None:
        self.seen.bytes += size

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            ours = urlsplit(self.address).netloc
            if parts.netloc != ours:
                self.seen.foreign.append(url)

    def _console(self, kind: str, text: str) -> None:
        if "Content Security Policy" in text or "Refused to" in text:
            self.seen.blocked.append(text)
        elif kind == "error" and "Failed to load resource" not in text:
            self.seen.errors.append(text)

    def path(self, path: str) -> str:
        """Return the address of a page in this person's language."""
        prefix = "" if self.lang == "fr" else f"/{self.lang}"
        return f"{self.address}{prefix}{path}"

    def goto(self, path: str) -> None:
        """Open a page in this person's language."""
        self.seen = Seen()
        self.page.goto(self.path(path), wait_until="networkidle")

    def fill(self, selector: str, text: str) -> None:
        """Write an answer."""
        self.interactions += 1
        self.page.locator(selector).fill(text)

    def choose(self, selector: str, value: str) -> None:
        """Choose an answer in a list."""
        self.interactions += 1
        self.page.locator(selector).select_option(value)

    def tick(self, selector: str) -> None:
        """Tick a box, if it is not ticked yet."""
        if not self.page.locator(selector).is_checked():
            self.interactions += 1
            self.page.locator(selector).check()

    def hand_over(self, selector: str, file: Path) -> None:
        """Choose a file of the device."""
        self.interactions += 1
        self.page.locator(selector).set_input_files(file)

    def press(self, selector: str) -> None:
        """Press something, with the mouse or the finger."""
        self.interactions += 1
        target = self.page.locator(selector).first
        if self.touch:
            target.tap()
        else:
            target.click()

    def click(self, selector: str) -> None:
        """Press something that leads to another page, and wait for it."""
        self.seen = Seen()
        with self.page.expect_navigation(wait_until="networkidle"):
            self.press(selector)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in by the form, with the keyboard alone."""
        self.goto("/user/login")
        self.page.locator("#field-login").focus()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        with self.page.expect_navigation(wait_until="networkidle"):
            self.page.keyboard.press("Enter")
        assert "/user/login" not in self.page.url, "the sign-in was refused"

    def sign_out(self) -> None:
        """Forget the session, as closing a private window does."""
        self.context.clear_cookies()

    def text(self) -> str:
        """Return what the page says."""
        return self.page.inner_text("body")

    def look(self, name: str) -> None:
        """Hold the page in view to what every page owes, and keep its picture."""
        folder = self._artefacts / "walks"
        folder.mkdir(parents=True, exist_ok=True)
        shot = folder / f"{name}-{self.lang}-{self.size[0]}.png"
        self.page.screenshot(path=str(shot), full_page=True)
        where = f"{name} ({self.lang}, {self.size[0]} px)"
        problems = [
            *self._axe_problems(),
            *self._language_problems(),
            *self._width_problems(),
            *self._keyboard_problems(),
            *(f"asks a third party: {url}" for url in self.seen.foreign),
            *(f"breaks the content policy: {text}" for text in self.seen.blocked),
            *(f"script error: {text}" for text in self.seen.errors),
        ]
        kilobytes = self.seen.bytes / 1000
        if kilobytes > BUDGET_KB:
            problems.append(f"weighs {kilobytes:.0f} KB on the wire (600 at most)")
        with (folder / "weights.txt").open("a") as sink:
            sink.write(f"{kilobytes:7.0f} KB  {where}  {self.page.url}\n")
        assert not problems, f"{where}:\n  " + "\n  ".join(problems)

    def _axe_problems(self) -> list[str]:
        self.page.evaluate(self._axe)
        result = self.page.evaluate(
            "async () => (await axe.run(document, {runOnly: {type: 'tag', values:"
            " ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})).violations"
        )
        return [
            f"axe {it['impact']} {it['id']}: {node['target']} {node['html'][:160]}"
            for it in result
            if it["impact"] in SERIOUS
            for node in it["nodes"][:3]
        ]

    def _language_problems(self) -> list[str]:
        """Return texts whose nearest ``lang`` or direction is the other script's."""
        root = self.page.evaluate(
            "() => [document.documentElement.lang, getComputedStyle("
            "document.documentElement).direction]"
        )
        problems = []
        wanted = "rtl" if self.lang == "ar" else "ltr"
        if not root[0].startswith(self.lang) or root[1] != wanted:
            problems.append(f"the page says lang={root[0]} dir={root[1]}")
        texts: list[list[str]] = self.page.evaluate(TEXTS_JS)
        for said, lang, tag in texts:
            text = ADDRESS.sub("", said)
            arabic, latin = len(ARABIC.findall(text)), len(LATIN.findall(text))
            if arabic >= 4 and latin < arabic / 4 and not lang.startswith("ar"):
                problems.append(f"Arabic under lang={lang} in <{tag}>: {text[:60]}")
            if lang.startswith("ar") and latin >= 12 and arabic < latin / 4:
                problems.append(f"no Arabic under lang=ar in <{tag}>: {text[:60]}")
        return problems[:12]

    def _width_problems(self) -> list[str]:
        wide = self.page.evaluate("() => document.documentElement.scrollWidth")
        return [f"is {wide} px wide"] if wide > self.size[0] + 1 else []

    def _keyboard_problems(self) -> list[str]:
        """Tab through the page: every stop visible, and no trap."""
        expected: int = self.page.evaluate(TABBABLE_JS)
        self.page.evaluate(BLUR_JS)
        stops, unseen = set(), []
        for _ in range(min(expected, 45) + 4):
            self.page.keyboard.press("Tab")
            key, visible, html = self.page.evaluate(FOCUS_JS)
            if not key:
                continue  # past the end: the next Tab begins again at the top
            stops.add(key)
            if not visible:
                unseen.append(html)
        problems = [f"focus cannot be seen on {html}" for html in unseen[:3]]
        if len(stops) < min(expected, 45) * 0.9:
            problems.append(f"Tab reaches {len(stops)} of {expected} elements")
        return problems


# Texts whose script can be told, with the language in force where they stand. What is
# data by nature (a table's cells, code, file names) is marked translate=no or lang="".
TEXTS_JS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    const text = node.textContent.trim();
    const data = 'script, style, template, noscript, code, pre, td, th, bdi,'
      + ' [translate=no], [hidden]';
    if (text.length < 4 || !parent || parent.closest(data)) continue;
    if (!parent.getClientRects().length) continue;
    const holder = parent.closest('[lang]');
    const lang = holder ? holder.lang : '';
    if (lang !== '') found.push([text, lang, parent.tagName.toLowerCase()]);
  }
  return found;
}"""

BLUR_JS = "() => { document.activeElement.blur(); scrollTo(0, 0); }"

# The answers of one question are one stop: arrows go from one to the next.
TABBABLE_JS = """() => [...document.querySelectorAll('a[href], button, input, select,'
  + ' textarea, summary, [tabindex]')].filter((it) => it.tabIndex >= 0 && !it.disabled
  && it.type !== 'hidden' && it.checkVisibility({visibilityProperty: true})
  && (it.type !== 'radio' || it.checked
    || it === document.querySelector(`[type=radio][name="${it.name}"]`)
    && !document.querySelector(`[name="${it.name}"]:checked`))).length"""

FOCUS_JS = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return ['', true, ''];
  window.maroc_stops = window.maroc_stops || new Map();
  const stops = window.maroc_stops;
  if (!stops.has(it)) stops.set(it, stops.size + 1);
  const shown = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== 'none';
  };
  const area = it.closest('.select2-container, label, .input-group') || it;
  return [String(stops.get(it)), shown(it) || shown(area)
    || it.tagName === 'IFRAME', it.outerHTML.slice(0, 140)];
}"""
