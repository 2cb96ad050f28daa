"""What the indicators cost: at 10,000, 100,000 and 1,000,000 datasets of three files.

Everything is asked of a database of the benchmark's own, whose catalogue is made up.
What is compared takes turns in one run: the bare counts of packages and resources, the
same again (the A/A line, which shows the noise alone), the refresh, and the ways in
which others compute such figures. Medians are given, with the least and the most.

Beside them, at the smallest size, CKAN's own ``/stats`` and ckanext-better-stats, which
count other things: what stands there is how long their figures take.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

SIZES = (10_000, 100_000, 1_000_000)
INSTITUTIONS = 500
CHANGED = 1_000
SHOWN = 1_000
"""How many calls of package_show are made; the whole catalogue is extrapolated."""
BETTER_STATS = ("ckanext-better-stats==2.0.1", "psutil==7.1.0")

Times = list[float]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Something promised, and whether it was kept."""

    promise: str
    found: str
    kept: bool


def main() -> int:
    """Measure every size, or those given; return 1 where a promise was not kept."""
    parser = argparse.ArgumentParser(prog="portal bench kpi", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--peers", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(MARK + json.dumps(measure(options.child, options.rounds)))
        return 0
    if options.peers:
        print(MARK + json.dumps(peers(options.rounds)))
        return 0
    from portalctl import bench

    own = bench.own_database("kpi")
    found: dict[int, dict[str, Times]] = {}
    beside: dict[str, Times] = {}
    for size in sorted(options.sizes):
        again = ["--child", str(size), "--rounds", str(options.rounds)]
        found[size] = child(own, again)
        print(f"\n{size:,} datasets, {size * 3:,} files, {INSTITUTIONS} institutions")
        print(report(found[size]))
        if size == min(options.sizes) and not options.alone:
            beside = child(
                {**own, **better_stats()},
                ["--peers", str(HERE), "--rounds", str(options.rounds)],
            )
            print(f"\nBeside them, at {size:,} datasets, other figures of others")
            print(report(beside))
    print()
    verdicts = promises(found)
    for each in verdicts:
        print(f"{'✓' if each.kept else '✗'} {each.promise}: {each.found}")
    return 0 if all(each.kept for each in verdicts) else 1


MARK = "measured "


def child(own: Mapping[str, str], arguments: Sequence[str]) -> dict[str, Times]:
    """Measure in a process of its own; return seconds by what took them."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        env={**os.environ, **own},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in done.stdout.splitlines():
        if line.startswith(MARK):
            return json.loads(line.removeprefix(MARK))
    raise RuntimeError(f"no measure came of {' '.join(arguments)}")


def better_stats() -> dict[str, str]:
    """Install the peer beside the portal's own packages; return the way to it."""
    from portalctl.instance import Instance

    folder = Instance.from_environment().var / "bench" / "better-stats"
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--target", str(folder), *BETTER_STATS]
        subprocess.run(command, check=True)
    return {"BENCH_PEERS": str(folder)}


# One size


def measure(size: int, rounds: int) -> dict[str, Times]:
    """Make the catalogue; return seconds by what took them."""
    with application().test_request_context():
        fill(size)
        from ckan import model

        times: dict[str, Times] = {}
        questions = asked(size)
        for _ in range(rounds):
            for name, (ask, turns) in questions.items():
                if len(times.get(name, ())) < turns:
                    times.setdefault(name, []).append(seconds(ask))
            model.Session.remove()
        return times


def application() -> Any:
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    return make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())._wsgi_app


def seconds(ask: Callable[[], Any]) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def execute(sql: str, **given: Any) -> None:
    import sqlalchemy as sa

    from ckan import model

    with model.ensure_engine().begin() as connection:
        result = connection.execute(sa.text(sql), given)
        if result.returns_rows:
            result.all()


def fill(size: int) -> None:
    """Make the catalogue of that size in place of the one there is."""
    from ckan import model

    from ckanext.maroc_law import vocabulary

    words = {
        name: "CAST('{" + ",".join(item.slug for item in its.items) + "}' AS text[])"
        for name, its in (
            ("themes", vocabulary.get("themes")),
            ("categories", vocabulary.get("art10-categories")),
        )
    }
    text = (HERE / "kpi_catalogue.sql").read_text(encoding="utf-8")
    given = {"size": str(size), "institutions": str(INSTITUTIONS), **words}
    for name, word in given.items():
        text = text.replace(f":{name}", word)
    connection = model.ensure_engine().raw_connection()
    try:
        connection.driver_connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in text.split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
    finally:
        connection.close()


PACKAGES = "SELECT count(*) FROM package"
RESOURCES = "SELECT count(*) FROM resource"
# What reading the facts' input once takes: its tables, a few columns of each.
INPUT = (
    "SELECT count(*), count(license_id), count(owner_org), count(extras->>'theme'),"
    " count(extras->>'series'), count(extras->>'collection_frequency'),"
    " count(extras->>'title_translated'), count(extras->>'contact_email') FROM package"
    " WHERE type = 'dataset' AND state = 'active' AND NOT private",
    "SELECT count(*), count(format), sum(size), count(hash), count(extras),"
    " count(mimetype) FROM resource WHERE state = 'active'",
    "SELECT count(*), count(mimetype) FROM maroc_files_file",
    "SELECT count(*), count(state), count(package_id) FROM maroc_files_load",
    "SELECT count(*), count(package_id), max(opened_at) FROM maroc_workflow_version",
    "SELECT count(*), count(kind), count(verdict), count(authors)"
    " FROM maroc_workflow_decision",
)


def asked(size: int) -> dict[str, tuple[Callable[[], Any], int]]:
    """Return what is measured at a size, with how often at the most."""
    from ckan import model

    from ckanext.maroc_kpi import compute, facts
    from ckanext.maroc_portal import clock

    today = clock.today()

    def counts() -> None:
        execute(PACKAGES)
        execute(RESOURCES)

    def floor() -> None:
        for each in INPUT:
            execute(each)

    def sums() -> None:
        with model.ensure_engine().begin() as connection:
            facts.sum_up(connection, today)

    def figures() -> None:
        with compute.reading() as reader:
            compute.compute_all(reader, today, compute.parents(reader))

    def changed() -> None:
        execute(
            "INSERT INTO maroc_kpi_dirty SELECT md5('dataset ' || n * :step)"
            " FROM generate_series(1, :many) AS n ON CONFLICT DO NOTHING",
            step=max(1, size // CHANGED),
            many=CHANGED,
        )
        facts.keep_up(today)

    def one() -> None:
        compute.changed(DATASET)
        compute.refresh()

    many = 99
    small = int(size <= SIZES[0])
    return {
        REBUILD: (lambda: facts.keep_up(today, anew=True), 3),
        COUNT: (counts, many),
        AGAIN: (counts, many),
        FLOOR: (floor, many),
        SUMS: (sums, many),
        FIGURES: (figures, many),
        SOME: (changed, many),
        ONE: (one, many),
        # What grows with the catalogue, and is long, is not asked of the largest.
        QUERIES: (lambda: one_by_one(today), int(size <= SIZES[1])),
        SHOW: (lambda: show(size), small),
    }


DATASET = "e0b59b71ea2be33d1ce0539b4547d649"  # md5 of "dataset 11"
REBUILD = "facts and sums, built anew"
COUNT = "count(*), both tables"
AGAIN = "count(*), again (A/A)"
FLOOR = "input read once (floor B)"
SUMS = "sums of all facts"
FIGURES = "all figures from the sums"
SOME = f"{CHANGED:,} changed datasets"
ONE = "whole refresh after one change"
QUERIES = "one query an indicator"
SHOW = f"package_show, {SHOWN:,} calls"


def one_by_one(today: Any) -> None:
    """Ask each definition by its own query, as one would who has no facts."""
    from ckanext.maroc_kpi import compute
    from ckanext.maroc_kpi.definition import indicators

    with compute.reading() as reader:
        institutions = compute.parents(reader)
        for each in indicators().values():
            if each.sql and compute.missing(reader, each) is None:
                compute.count(reader, each, today, institutions=institutions)


def show(size: int) -> None:
    """Ask for datasets as any client would, evenly over the catalogue."""
    import ckan.plugins.toolkit as tk

    act = tk.get_action("package_show")
    for n in range(SHOWN):
        name = f"jeu-de-donnees-{1 + n * (size // SHOWN)}"
        act({"ignore_auth": True, "use_cache": True}, {"id": name})


# Beside it


def peers(rounds: int) -> dict[str, Times]:
    """Index the catalogue; ask CKAN's statistics and better-stats for theirs."""
    app = application()
    import ckanext

    ckanext.__path__.append(os.environ["BENCH_PEERS"] + "/ckanext")
    sys.path.append(os.environ["BENCH_PEERS"])
    from ckan import model
    from ckan.lib import search

    from ckanext.better_stats import metrics
    from ckanext.stats.stats import Stats

    with app.test_request_context():
        search.rebuild(force=True, quiet=True, defer_commit=True)
        search.commit()
        made = {
            name: factory()
            for name, factory in metrics.get_all_metrics().items()
            if name not in ("memory", "cpu", "disk_usage", "organization_hierarchy")
        }

        def theirs() -> None:
            its = Stats()
            its.largest_groups()
            its.top_tags()
            its.most_edited_packages()
            its.top_package_creators()
            for name in ("new_packages", "deleted_packages", "package_revisions"):
                its.get_by_week(name)
            its.get_num_packages_by_week()

        questions: dict[str, Callable[[], Any]] = {
            "CKAN's /stats, 8 figures": theirs,
            f"better-stats, {len(made)} figures": lambda: [
                each.get_data() for each in made.values()
            ],
            FIGURES: asked(0)[FIGURES][0],
        }
        times: dict[str, Times] = {name: [] for name in questions}
        for _ in range(rounds):
            for name, ask in questions.items():
                times[name].append(seconds(ask))
                model.Session.remove()
        search.clear_all()
        return times


# What was found


def report(times: Mapping[str, Times]) -> str:
    """Return a table: the median, the least and the most, in milliseconds."""
    lines = [f"{'':<34}{'median':>10}{'least':>10}{'most':>10}  ms"]
    for name, its in times.items():
        said = (statistics.median(its), min(its), max(its))
        lines.append(f"{name:<34}" + "".join(f"{each * 1000:>10,.0f}" for each in said))
    return "\n".join(lines)


def promises(found: Mapping[int, Mapping[str, Times]]) -> list[Verdict]:
    """Judge what was measured; what takes two sizes is judged if both were."""
    middle = {
        size: {name: statistics.median(its) for name, its in times.items()}
        for size, times in found.items()
    }
    most, least = max(middle), min(middle)
    its = middle[most]
    verdicts = [
        within("all figures from the sums, in bare counts", its, FIGURES, COUNT, 2),
        within("a rebuild, in readings of its input", its, REBUILD, FLOOR, 10),
    ]
    asked_singly = [size for size in sorted(middle) if QUERIES in middle[size]]
    verdicts.extend(
        within(
            f"all figures at {size:,}, of what single queries take",
            middle[size],
            FIGURES,
            QUERIES,
            0.1,
        )
        for size in asked_singly[-1:]
    )
    if SHOW in middle[least]:
        loop, ours = middle[least][SHOW] * most / SHOWN, its[REBUILD] + its[FIGURES]
        verdicts.append(
            Verdict(
                promise="a rebuild with all figures, 500 times a package_show loop",
                found=f"{loop / ours:,.0f} times ({SHOWN:,} calls made, {most:,}"
                f" extrapolated: {loop:,.0f} s against {ours:.1f} s)",
                kept=loop >= 500 * ours,
            )
        )
    if most > least:
        growth = math.log(its[REBUILD] / middle[least][REBUILD]) / math.log(
            most / least
        )
        verdicts.append(
            Verdict(
                promise=f"a rebuild grows from {least:,} to {most:,} by 1.1 at most",
                found=f"exponent {growth:.2f}",
                kept=growth <= 1.1,
            )
        )
        before = sorted(middle)[-2]
        verdicts.append(
            within(
                f"{SOME}: {most:,} against {before:,} datasets",
                {"now": its[SOME], "before": middle[before][SOME]},
                "now",
                "before",
                1.5,
            )
        )
    return verdicts


def within(
    promise: str, times: Mapping[str, float], what: str, of: str, limit: float
) -> Verdict:
    """Return whether one thing takes at most so many times another."""
    ratio = times[what] / times[of]
    return Verdict(
        promise=f"{promise}: at most {limit:g}",
        found=f"{ratio:.2f} ({times[what]:.2f} s, {times[of]:.2f} s)",
        kept=ratio <= limit,
    )


if __name__ == "__main__":
    raise SystemExit(main())
