"""Search in French, in Arabic and on the map, and the page itself; under 60 s."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

API = "/api/3/action/package_search"


@dataclass(kw_only=True)
class Question:
    """An address asked again and again, and how long each answer took."""

    name: str
    path: str
    milliseconds: list[float] = field(default_factory=list)
    hits: int | None = None


def api(lang: str, **params: str | int) -> str:
    """Return a search's address, for a reader of ``lang``."""
    return f"/{lang}{API}?{urlencode(params)}"


def questions() -> list[Question]:
    """Return what is asked.

    The first two are one question: how far they differ is what the machine adds, and
    no difference smaller than that means anything.
    """
    french = api("fr", q="population communes")
    facets = (
        '["theme", "organization", "art10_category", "region", "res_format",'
        ' "collection_frequency", "license_id"]'
    )
    return [
        Question(name="French (A)", path=french),
        Question(name="French (A again)", path=french),
        Question(name="Arabic", path=api("ar", q="عدد السكان")),
        Question(name="Arabic, glossary", path=api("ar", q="المستشفيات بإقليم تازة")),
        Question(name="Arabic, as typed", path=api("ar", q='"المستشفيات" "تازة"')),
        Question(name="box", path=api("fr", ext_bbox="-6,33,-4,35")),
        Question(
            name="all, facets", path=api("fr", rows=20, **{"facet.field": facets})
        ),
        Question(name="page /dataset/", path="/dataset/"),
        Question(
            name="page in Arabic", path=f"/ar/dataset/?{urlencode({'q': 'السكان'})}"
        ),
    ]


def measure(
    asked: list[Question], ask: Callable[[str], bytes], *, seconds: float
) -> None:
    """Ask each question in turn, round after round, until the time is up.

    Turns are mixed so that a slow moment of the machine falls on all alike; the first
    round warms up and is not counted.
    """
    end = time.monotonic() + seconds
    counted = False
    while not counted or time.monotonic() < end:
        for each in asked:
            start = time.perf_counter()
            body = ask(each.path)
            took = (time.perf_counter() - start) * 1000
            if counted:
                each.milliseconds.append(took)
            elif API in each.path:
                each.hits = int(json.loads(body)["result"]["count"])
        if counted and time.monotonic() > end:
            return
        counted = True


def asker(site: str) -> Callable[[str], bytes]:
    """Return a reader of the portal's addresses over one connection."""
    parts = urlsplit(site)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    link = kind(parts.hostname or "localhost", parts.port, timeout=30)

    def ask(path: str) -> bytes:
        link.request("GET", parts.path + path)
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise HTTPException(f"{path} answered {answer.status}")
        return body

    return ask


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40)
    chosen = parser.parse_args()
    site = os.environ["CKAN_SITE_URL"]
    ask = asker(site)
    try:
        count = json.loads(ask(f"{API}?rows=0"))["result"]["count"]
        asked = questions()
        measure(asked, ask, seconds=min(chosen.seconds, 55))
    except (OSError, HTTPException) as error:
        print(f"{site} does not answer as it should: {error}. ./portal up starts it.")
        return 1
    print(f"{site}: {count} datasets, {len(asked[0].milliseconds)} rounds\n")
    print(f"{'':<18}{'found':>7}{'median':>10}{'10 %':>9}{'90 %':>9}   milliseconds")
    for each in asked:
        tenths = statistics.quantiles([*each.milliseconds, each.milliseconds[-1]], n=10)
        found = "" if each.hits is None else each.hits
        middle = statistics.median(each.milliseconds)
        print(
            f"{each.name:<18}{found:>7}{middle:>10.1f}{tenths[0]:>9.1f}{tenths[-1]:>9.1f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
