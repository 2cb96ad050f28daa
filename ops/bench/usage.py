"""What counting costs: a download, failures, many writers, loading, the day's rollup.

Each part is a process of its own, and what is compared in it takes turns. A real file
of the catalogue is downloaded through the whole application, with the hook and without
it: without, without again (the A/A line, which shows the noise alone) and with, in
random order in each round. Differences are taken within a round and their median is
given with its 95 % interval, so that what disturbs the machine disturbs all alike.

Failures are made on the way to Redis and PostgreSQL, which themselves go on: the portal
that is measured is not disturbed. What is loaded and added up is in a database of the
benchmark's own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import logging
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

VARIANTS = ("without", "again", "with")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
WARM_UP = 20
SPOOL_DIR = "CKAN___CKANEXT__MAROC_USAGE__SPOOL_DIR"
DATABASE = "CKAN_SQLALCHEMY_URL"
REDIS = "CKAN_REDIS_URL"
WRITERS = 4
ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Something promised, and whether it was kept."""

    promise: str
    found: str
    kept: bool


def main() -> int:
    """Run every part, or one; return 1 where a promise was not kept."""
    parser = argparse.ArgumentParser(prog="portal bench usage", description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="this part alone")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        return load_once(options.load)
    if options.child:
        verdicts = PARTS[options.part](options)
        for each in verdicts:
            print(f"{'✓' if each.kept else '✗'} {each.promise}: {each.found}")
        return 0 if all(each.kept for each in verdicts) else 1
    from portalctl import bench

    own = bench.own_database("usage")
    failed = []
    for part in [options.part] if options.part else PARTS:
        print(f"\n{part}", flush=True)
        again = [sys.executable, __file__, "--child", "--part", part]
        again += ["--rounds", str(options.rounds), "--seconds", str(options.seconds)]
        env = {
            **os.environ,
            **(own if part in IN_OWN_DATABASE else {}),
            OWN_DATABASE: own[DATABASE],
        }
        if subprocess.run(again, env=env, check=False).returncode:
            failed.append(part)
    if failed:
        print(f"\nNot as promised: {', '.join(failed)}")
    return 1 if failed else 0


# The cost of a download


def cost(options: argparse.Namespace) -> list[Verdict]:
    """Compare downloads with the hook and without it."""
    with tempfile.TemporaryDirectory() as folder:
        # A spool of its own: what is measured here is no use of the portal.
        os.environ[SPOOL_DIR] = folder
        download, hooked = application()
        times = measure(download, hooked, options.rounds, options.seconds)
        written = records_in(folder)
    rounds = len(times["with"])
    print(f"{rounds} rounds, {written} records written")
    print(report(times))
    low = added(times, "with")[1]
    return [
        Verdict(
            promise="each download with the hook is recorded, and no other",
            found=f"{written} of {rounds + WARM_UP}",
            kept=written == rounds + WARM_UP,
        ),
        Verdict(
            promise="a counted download is at most 1 % dearer",
            found=f"at least {low:+.2%}, with 95 % certainty",
            kept=low <= 0.01,
        ),
    ]


def records_in(folder: str) -> int:
    """Return how many records the spool's segments hold."""
    return sum(path.stat().st_size // 128 - 1 for path in Path(folder).glob("*.spool"))


def application() -> tuple[Callable[[], None], Callable[[bool], None]]:
    """Return what downloads a file, and what puts the hook in or takes it out."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    from ckanext.maroc_usage.hook import Hook

    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())._wsgi_app
    path = uploaded_file()
    if path is None:
        sys.exit("No uploaded file is public here: ./portal ckan maroc-portal demo")
    logging.disable(logging.INFO)  # A line a request, which no one reads here.
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
    lines = [f"{'':<24}{'median ms':>10}{'p5':>9}{'p95':>9}"]
    for name, found in times.items():
        cuts = statistics.quantiles(found, n=20)
        lines.append(
            f"{name:<24}{statistics.median(found):>10.3f}{cuts[0]:>9.3f}{cuts[-1]:>9.3f}"
        )
    for name, label in (("again", "A/A: nothing added"), ("with", "the hook adds")):
        middle, low, high = added(times, name)
        lines.append(f"{label:<24}{middle:>+10.2%}  [{low:+.2%}, {high:+.2%}]")
    return "\n".join(lines)


def added(times: dict[str, list[float]], name: str) -> tuple[float, float, float]:
    """Return what a variant adds to the first, as a share, and its 95 % interval."""
    base = statistics.median(times["without"])
    pairs = zip(times[name], times["without"], strict=True)
    middle, low, high = interval([one - other for one, other in pairs])
    return middle / base, low / base, high / base


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the median and its 95 % interval, by resampling."""
    medians = sorted(
        statistics.median(random.choices(differences, k=len(differences)))  # noqa: S311
        for _ in range(1000)
    )
    return statistics.median(differences), medians[25], medians[974]


# Failures


class Wire:
    """A way to a service on this machine, which can be held up or cut."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._flows = threading.Event()
        self._flows.set()
        self._cut = False
        self._ends: list[socket.socket] = []
        self._entry = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._entry.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            near, _ = self._entry.accept()
            if self._cut:
                near.close()
                continue
            far = socket.create_connection(self._target)
            self._ends += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._flows.wait()
                target.sendall(data)
        for end in (source, target):
            end.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing through: the service seems to hang."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Close every connection and take no other: the service seems stopped."""
        self._cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()
        try:
            yield
        finally:
            self._cut = False


def led_by(url: str, port: int) -> str:
    """Return the address of a service with another port."""
    parts = urlsplit(url)
    credentials = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()


def failures(options: argparse.Namespace) -> list[Verdict]:
    """Download while Redis hangs; stop PostgreSQL between two downloads."""
    wires = {}
    for name in (REDIS, DATABASE, OWN_DATABASE):
        url = os.environ[name]
        port = urlsplit(url).port or 0
        if port not in wires:
            wires[port] = Wire(port)
        os.environ[name] = led_by(url, wires[port].port)
        wires[name] = wires[port]
    with tempfile.TemporaryDirectory() as folder:
        os.environ[SPOOL_DIR] = folder
        download, hooked = application()
        download()
        with wires[REDIS].held():
            first = threading.Thread(target=download, daemon=True)
            first.start()
            first.join(30)
            if first.is_alive():
                sys.exit("A download waits for Redis, whether it is counted or not.")
            times = measure(download, hooked, options.rounds // 2, options.seconds)
        print(report(times))
        hooked(True)
        before = records_in(folder)
        download()
        with wires[DATABASE].cut():
            loader_failed = load_by_child(folder) is None
        answered = sum(answers(download) for _ in range(10))
        written = records_in(folder) - before
        loaded = load_by_child(folder)
    ratio = statistics.median(times["with"]) / statistics.median(times["without"])
    return [
        Verdict(
            promise="with Redis hung a counted download takes at most 1.05 times",
            found=f"{ratio:.3f}",
            kept=ratio <= 1.05,
        ),
        Verdict(
            promise="PostgreSQL stopped between two downloads: none is lost",
            found=f"{written} records of {answered + 1} downloads",
            kept=written == answered + 1 and answered > 0,
        ),
        Verdict(
            promise="loading fails meanwhile, and catches up",
            found=f"{loaded} loaded of {before + written}",
            kept=loader_failed and loaded == before + written,
        ),
    ]


def answers(download: Callable[[], None]) -> bool:
    """Whether a download is answered: the first ones may find a dead connection."""
    try:
        download()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever CKAN raises
        print(f"not answered: {type(error).__name__}")
        return False
    return True


def load_by_child(folder: str) -> int | None:
    """Load a spool into the benchmark's database; None where that fails."""
    done = subprocess.run(
        [sys.executable, __file__, "--load", folder],
        env={**os.environ, DATABASE: os.environ[OWN_DATABASE]},
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("loaded ")]
    return int(told[-1].split()[1]) if told and not done.returncode else None


def load_once(folder: Path) -> int:
    """Load a spool, and say how many records it had."""
    store = own_store()
    print(f"loaded {store.load(folder)}")
    return 0


# Writers


def writers(options: argparse.Namespace) -> list[Verdict]:
    """Write for one resource from four processes: to spools, and to a Redis stream."""
    rates: dict[str, list[float]] = {"spool": [], "redis": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            rates["spool"].append(rate(into_spool, 50_000, folder))
            rates["redis"].append(rate(into_redis, 5_000, folder))
    spool, redis = (statistics.median(found) for found in rates.values())
    return [
        Verdict(
            promise="four writers are at least 10 times as fast as Redis' XADD",
            found=f"{spool:,.0f}/s and {redis:,.0f}/s: {spool / redis:.0f} times",
            kept=spool >= 10 * redis,
        )
    ]


def rate(write: Callable[[int, str], None], number: int, folder: str) -> float:
    """Return how many records a second the four write together."""
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=write, args=(number, folder)) for _ in range(WRITERS)
    ]
    start = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        sys.exit("a writer failed")
    return WRITERS * number / (time.perf_counter() - start)


def into_spool(number: int, folder: str) -> None:
    """Append records to a spool."""
    from ckanext.maroc_usage.spool import Spool

    spool = Spool(Path(folder), "benchmark")
    record = use(dt.datetime.now(dt.UTC), 1)
    for _ in range(number):
        spool.append(record)
    spool.close()


def into_redis(number: int, folder: str) -> None:
    """Append the same to a Redis stream, which keeps the last of them."""
    import redis

    from ckanext.maroc_usage.spool import pack

    link = redis.Redis.from_url(os.environ[REDIS])
    data = pack(use(dt.datetime.now(dt.UTC), 1))
    for _ in range(number):
        link.xadd("bench:usage", {"record": data}, maxlen=1000)
    link.delete("bench:usage")


def use(moment: dt.datetime, visitor: int, **more: str) -> Any:
    """Return a record: a download, unless another use is asked for."""
    from ckanext.maroc_usage.spool import Record

    fields = {"kind": "d", "agent_class": "p", "subject": "r", "reference": "res-1"}
    return Record(
        moment=int(moment.timestamp() * 1_000_000),
        visitor=visitor,
        **{**fields, **more},
    )


# In the benchmark's own database


def own_store() -> Any:
    """Return the loader and counter, at work in the database of the environment."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
    from ckanext.maroc_usage import store

    return store


def run(*statements: str, **values: object) -> None:
    """Execute statements in one transaction."""
    import sqlalchemy as sa

    from ckan import model

    with model.ensure_engine().begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)


EMPTY = (
    "TRUNCATE maroc_usage_event, maroc_usage_subject, maroc_usage_segment,"
    " maroc_usage_day, maroc_usage_daily"
)


def spooled(folder: str, records: Sequence[Any]) -> Path:
    """Write records to a spool; return it."""
    from ckanext.maroc_usage.spool import Spool

    spool = Spool(Path(folder), "benchmark")
    for record in records:
        spool.append(record)
    spool.close()
    return Path(folder)


def noon(days_ago: int = 0) -> dt.datetime:
    """Return the noon of a day, in Greenwich: of the same day in Morocco."""
    from ckanext.maroc_portal import clock

    day = clock.today() - dt.timedelta(days=days_ago)
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def day_of_uses(
    number: int, days_ago: int = 0, things: int = 500, **more: str
) -> list[Any]:
    """Return uses spread over a day: of some things, by a fifth as many visitors."""
    first = noon(days_ago) - dt.timedelta(hours=11)
    dice = random.Random(days_ago)  # noqa: S311 - an order, no secret
    return [
        use(
            first + dt.timedelta(seconds=22 * 3600 * each / number),
            dice.randrange(number // 5),
            **{"reference": f"{PREFIX}{dice.randrange(things)}", **more},
        )
        for each in range(number)
    ]


PREFIX = "bench-"


def loading(options: argparse.Namespace) -> list[Verdict]:
    """Load segments, and insert the same rows one by one."""
    store = own_store()
    many, few = day_of_uses(100_000), 5_000
    gc.freeze()  # What waits here to be written is no cost of either.
    rates: dict[str, list[float]] = {"segments": [], "rows": []}
    insert = (
        "INSERT INTO maroc_usage_event (moment, visitor, subject, kind, agent_class,"
        " own) VALUES (:moment, :visitor, 1, 'd', 'p', false)"
    )
    for _ in range(ROUNDS):
        run(EMPTY)
        with tempfile.TemporaryDirectory() as folder:
            path = spooled(folder, many)
            start = time.perf_counter()
            loaded = store.load(path)
            rates["segments"].append(loaded / (time.perf_counter() - start))
        rates["rows"].append(few / one_by_one(insert, many[:few]))
    run(EMPTY)
    segments, rows = (statistics.median(found) for found in rates.values())
    return [
        Verdict(
            promise="loading is at least 20 times as fast as rows one by one",
            found=f"{segments:,.0f}/s and {rows:,.0f}/s: {segments / rows:.0f} times",
            kept=segments >= 20 * rows,
        )
    ]


def one_by_one(insert: str, records: Sequence[Any]) -> float:
    """Insert rows one by one in one transaction; return the seconds it took."""
    import sqlalchemy as sa

    from ckan import model

    from ckanext.maroc_usage.events import moment_of

    statement = sa.text(insert)
    start = time.perf_counter()
    with model.ensure_engine().begin() as connection:
        for each in records:
            connection.execute(
                statement,
                {"moment": moment_of(each.moment), "visitor": each.visitor},
            )
    return time.perf_counter() - start


SHORT, LONG = 14, 364


def history(options: argparse.Namespace) -> list[Verdict]:
    """Add up one day with two weeks of history below it, and with a year."""
    store = own_store()
    run(EMPTY)
    with tempfile.TemporaryDirectory() as folder:
        store.load(spooled(folder, day_of_uses(20_000)))
    store.count()
    copied(1, SHORT)
    short, again = rollups(store), rollups(store)
    copied(SHORT + 1, LONG)
    year = rollups(store)
    run(EMPTY)
    print(f"A/A: {again / short:.2f}")
    return [
        Verdict(
            promise="a day's rollup takes at most 1.3 times with 26 times the history",
            found=f"{short * 1000:.0f} ms and {year * 1000:.0f} ms: {year / short:.2f}",
            kept=year <= 1.3 * short,
        )
    ]


def copied(first: int, last: int) -> None:
    """Copy today's events and counts to days before it."""
    from ckanext.maroc_usage.events import PostgresEvents

    today = noon().date()
    PostgresEvents().prepare(
        today - dt.timedelta(days=each) for each in range(first - 1, last + 2)
    )
    names = "visitor, subject, kind, agent_class, own"
    counts = "kind, agent_class, dataset_id, resource_id, organization_id, total, uniq"
    counts += ", uniq_resource, uniq_investigation"
    since = "FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS ago,"
    run(
        f"INSERT INTO maroc_usage_event (moment, {names})"  # noqa: S608 - constants
        f" SELECT moment - ago * interval '1 day', {names} {since}"
        " (SELECT * FROM maroc_usage_event WHERE moment >= :begins) AS today",
        f"INSERT INTO maroc_usage_daily (day, {counts})"  # noqa: S608 - constants
        f" SELECT day - ago, {counts} {since}"
        " (SELECT * FROM maroc_usage_daily WHERE day = :today) AS today",
        first=first,
        last=last,
        begins=noon() - dt.timedelta(hours=12),
        today=today,
    )
    run("ANALYZE maroc_usage_event", "ANALYZE maroc_usage_daily")


def rollups(store: Any) -> float:
    """Return the median seconds of today's rollup, done again and again."""
    found = []
    for _ in range(2 * ROUNDS):
        run(
            "UPDATE maroc_usage_day SET waiting_since = now() WHERE day = :today",
            today=noon().date(),
        )
        start = time.perf_counter()
        counted = store.count()
        found.append(time.perf_counter() - start)
        if not counted:
            sys.exit("Nothing was counted: the day turned meanwhile. Start again.")
    return statistics.median(found)


DAYS, A_DAY = 30, 10_000
# A portal of its first years, and a country's: ckanext.tracking sums up per address.
CATALOGUES = (500, 10_000)


def tracking(options: argparse.Namespace) -> list[Verdict]:
    """Add up the same views of pages by ckanext.tracking's own update, and by ours.

    The promise is for a country's catalogue; a small one is measured beside it.
    """
    store = own_store()
    for things in CATALOGUES:
        theirs, ours, counted = side_by_side(store, things)
        found = (
            f"{theirs:.2f} s and {ours:.2f} s for {DAYS * A_DAY} views of {things}"
            f" datasets on {counted} days: {theirs / ours:.1f} times"
        )
        print(found)
    return [
        Verdict(
            promise="at least 10 times as fast as ckanext.tracking's own update",
            found=found,
            kept=theirs >= 10 * ours and counted == DAYS,
        )
    ]


def side_by_side(store: Any, things: int) -> tuple[float, float, int]:
    """Return the seconds of their update and of ours, and the days that we counted."""
    from ckanext.tracking.cli.tracking import update_tracking

    run(
        *WITHOUT_VIEWS,
        "INSERT INTO package (id, name, state, type, private)"
        " SELECT 'bench-' || n, 'bench-' || n, 'active', 'dataset', true"
        " FROM generate_series(0, CAST(:last AS int)) AS n",
        last=things - 1,
    )
    views = [
        each
        for ago in range(DAYS)
        for each in day_of_uses(A_DAY, ago, things, kind="v", subject="d")
    ]
    with tempfile.TemporaryDirectory() as folder:
        store.load(spooled(folder, views))
    tracked(views)
    run("ANALYZE")
    start = time.perf_counter()
    for ago in reversed(range(DAYS)):
        update_tracking(noon(ago).replace(hour=0, tzinfo=None))
    theirs = time.perf_counter() - start
    start = time.perf_counter()
    counted = store.count()
    ours = time.perf_counter() - start
    run(*WITHOUT_VIEWS)
    return theirs, ours, len(counted)


WITHOUT_VIEWS = (
    EMPTY,
    "TRUNCATE tracking_raw, tracking_summary",
    "DELETE FROM package WHERE name LIKE 'bench-%'",
)


def tracked(records: Sequence[Any]) -> None:
    """Give ckanext.tracking the same views, as its middleware writes them."""
    from ckan import model

    from ckanext.maroc_usage.events import moment_of
    from ckanext.tracking.model import TrackingRaw

    rows = [
        {
            "user_key": f"{each.visitor:032x}",
            "url": f"/dataset/{each.reference}",
            "tracking_type": "page",
            "access_timestamp": moment_of(each.moment).replace(tzinfo=None),
        }
        for each in records
    ]
    with model.ensure_engine().begin() as connection:
        connection.execute(TrackingRaw.__table__.insert(), rows)


PARTS = {
    "cost": cost,
    "failures": failures,
    "writers": writers,
    "loading": loading,
    "history": history,
    "tracking": tracking,
}
IN_OWN_DATABASE = {"loading", "history", "tracking"}
OWN_DATABASE = "BENCH_DATABASE_URL"


if __name__ == "__main__":
    sys.exit(main())
