"""What counting a download costs the visitor who makes it.

A real file of the catalogue is downloaded through the whole application, in this
process, with the hook and without it. The three variants follow each other in random
order in each round: without, without again (the A/A line, which shows the noise alone)
and with. Differences are taken within a round and their median is given with its 95 %
interval, so that what disturbs the machine disturbs all three alike.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

VARIANTS = ("without", "again", "with")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
WARM_UP = 20


def main() -> int:
    """Measure for at most ``--seconds`` and print the table."""
    parser = argparse.ArgumentParser(prog="portal bench usage", description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=45)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # A spool of its own: what is measured here is no use of the portal.
        os.environ["CKAN___CKANEXT__MAROC_USAGE__SPOOL_DIR"] = folder
        download, hooked = application()
        times = measure(download, hooked, options.rounds, options.seconds)
        written = sum(
            path.stat().st_size // 128 - 1 for path in Path(folder).glob("*.spool")
        )
    rounds = len(times["with"])
    print(f"{rounds} rounds, {written} records written")
    print(report(times))
    # Each download with the hook is recorded, and no other.
    return 0 if written == rounds + WARM_UP else 1


def application() -> tuple[Callable[[], None], Callable[[bool], None]]:
    """Return what downloads a file, and what puts the hook in or takes it out."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    from ckanext.maroc_usage.hook import Hook

    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())._wsgi_app
    path = uploaded_file()
    if path is None:
        sys.exit("No uploaded file is public here: ./portal ckan maroc-portal demo")
    functions = app.after_request_funcs[None]
    (hook,) = (each for each in functions if isinstance(each, Hook))
    place = functions.index(hook)
    client = app.test_client(use_cookies=False)

    def download() -> None:
        answer = client.get(path, headers={"User-Agent": AGENT})
        if answer.status_code != 200 or not answer.data:
            sys.exit(f"{path} answers {answer.status_code}")
        answer.close()

    def hooked(wanted: bool) -> None:
        if wanted != (hook in functions):
            functions.insert(place, hook) if wanted else functions.remove(hook)

    return download, hooked


def uploaded_file() -> str | None:
    """Return the address of an uploaded file of a public dataset."""
    import sqlalchemy as sa

    from ckan import model

    with model.ensure_engine().connect() as connection:
        row = connection.execute(
            sa.text(
                "SELECT package.name, resource.id FROM resource"
                " JOIN package ON package.id = resource.package_id"
                " WHERE resource.url_type = 'upload' AND resource.state = 'active'"
                " AND package.state = 'active' AND NOT package.private"
                " ORDER BY resource.size NULLS LAST, resource.id LIMIT 1"
            )
        ).one_or_none()
    return f"/dataset/{row.name}/resource/{row.id}/download" if row else None


def measure(
    download: Callable[[], None],
    hooked: Callable[[bool], None],
    rounds: int,
    seconds: float,
) -> dict[str, list[float]]:
    """Return the milliseconds of each variant, round by round."""
    hooked(True)
    for _ in range(WARM_UP):
        download()
    times: dict[str, list[float]] = {name: [] for name in VARIANTS}
    end = time.monotonic() + seconds
    while len(times["with"]) < rounds and time.monotonic() < end:
        for name in random.sample(VARIANTS, len(VARIANTS)):
            hooked(name == "with")
            start = time.perf_counter()
            download()
            times[name].append((time.perf_counter() - start) * 1000)
    return times


def report(times: dict[str, list[float]]) -> str:
    """Return the table: each variant, then what it adds to the first, in percent."""
    base = statistics.median(times["without"])
    lines = [f"{'':<24}{'median ms':>10}{'p5':>9}{'p95':>9}"]
    for name, found in times.items():
        cuts = statistics.quantiles(found, n=20)
        lines.append(
            f"{name:<24}{statistics.median(found):>10.3f}{cuts[0]:>9.3f}{cuts[-1]:>9.3f}"
        )
    for name, label in (("again", "A/A: nothing added"), ("with", "the hook adds")):
        pairs = zip(times[name], times["without"], strict=True)
        middle, low, high = interval([one - other for one, other in pairs])
        spread = f"[{low / base:+.2%}, {high / base:+.2%}]"
        lines.append(f"{label:<24}{middle / base:>+10.2%}  {spread}")
    return "\n".join(lines)


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the median and its 95 % interval, by resampling."""
    medians = sorted(
        statistics.median(random.choices(differences, k=len(differences)))  # noqa: S311
        for _ in range(1000)
    )
    return statistics.median(differences), medians[25], medians[974]


if __name__ == "__main__":
    sys.exit(main())
