"""What the gate costs: reads, searches, pages and writes, with it and without it.

Three processes serve the same catalogue, asked in turn in random order, round after
round: one without the gate (its plugin, its triggers and row-level security taken
off), the same again (the A/A line: what the machine adds by itself) and one with it.
Each has databases of its own; both speak to PostgreSQL as the web's role.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

MARK = "= "
"""Before the lines that a process of the measurement means for this one."""
MANY = 200
"""Files of the dataset that is patched."""
LIMITS = {"show": 1.15, "page": 1.15, "search": 1.3, "patch": 1.6}
"""The most that each may take, as a multiple of what it takes without the gate."""

OPEN = """
DROP TRIGGER maroc_portal_changed ON package;
DROP TRIGGER maroc_portal_changed ON resource;
DROP TRIGGER maroc_portal_changed ON package_tag;
DROP TRIGGER maroc_portal_changed ON resource_view;
DROP TRIGGER maroc_portal_changed ON member;
ALTER TABLE package DISABLE ROW LEVEL SECURITY;
ALTER TABLE package_tag DISABLE ROW LEVEL SECURITY;
ALTER TABLE member DISABLE ROW LEVEL SECURITY;
ALTER TABLE activity DISABLE ROW LEVEL SECURITY;
"""


# One process


def serve() -> int:
    """Make the catalogue if it lacks, then measure what is asked on standard input."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())._wsgi_app
    if os.environ["BENCH_GATE"] == "no":
        take_off()
    site = Site(app)
    say("ready", site.statements())
    for line in sys.stdin:
        say("seconds", site.measure(line.strip()))
    return 0


def say(name: str, value: Any) -> None:
    """Tell the process that measures; the portal's own log stands between the lines."""
    print(f"{MARK}{json.dumps({name: value})}", flush=True)


def take_off() -> None:
    """Take off what maroc_portal does for the gate at each read."""
    import sqlalchemy as sa

    from ckan import model

    from ckanext.maroc_portal import hits, readers

    hits.ask = hits.keep = lambda *_: None
    for sessions in (model.Session, model.meta.create_local_session):
        if sa.event.contains(sessions, "after_begin", readers._tell):
            sa.event.remove(sessions, "after_begin", readers._tell)


class Site:
    """One portal, and what is asked of it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.client = app.test_client(use_cookies=False)
        with app.test_request_context():
            self.small, self.large = self._catalogue()

    def _act(self, action: str, **data: Any) -> Any:
        import ckan.plugins.toolkit as tk

        site = tk.get_action("get_site_user")({"ignore_auth": True}, {})
        context: Any = {"user": site["name"], "ignore_auth": True}
        return tk.get_action(action)(context, data)

    def _catalogue(self) -> tuple[str, str]:
        from ckan import model

        from ckanext.maroc_law.tests.cases import lawful
        from ckanext.maroc_portal import readers

        with readers.everything():
            if model.Group.by_name("essai") is None:
                self._act(
                    "organization_create",
                    name="essai",
                    title_translated={"fr": "Essai", "ar": "قياس"},
                    body_kind="collectivite-territoriale",
                )
            for name, files in [
                *((f"petit-{number}", 3) for number in range(25)),
                ("grand", MANY),
            ]:
                if model.Package.by_name(name) is None:
                    made = self._act(
                        "package_create",
                        **lawful(name=name, owner_org="essai", private=False),
                        resources=[
                            {
                                "url": f"https://donnees.example/{name}/{each}.csv",
                                "name_translated": {"fr": f"Fichier {each}"},
                            }
                            for each in range(files)
                        ],
                    )
                    if made["private"]:
                        self._act("maroc_workflow_submit", id=made["id"])
        return "petit-0", "grand"

    def measure(self, what: str) -> float:
        """Return how long one of the things takes, in seconds."""
        from ckanext.maroc_portal import readers

        paths = {
            "show": f"/api/3/action/package_show?id={self.small}",
            "page": f"/dataset/{self.small}",
            "search": "/api/3/action/package_search?rows=20",
        }
        if what in paths:
            start = time.perf_counter()
            answer = self.client.get(paths[what])
            took = time.perf_counter() - start
            if answer.status_code != 200:
                raise SystemExit(f"{paths[what]} answered {answer.status_code}")
            return took
        with self.app.test_request_context(), readers.everything():
            start = time.perf_counter()
            self._act("package_patch", id=self.large, version=f"{time.time_ns()}")
            return time.perf_counter() - start

    def statements(self) -> dict[str, int]:
        """Return how many SQL statements a search of few and of many hits sends."""
        import sqlalchemy as sa

        from ckan import model

        sent: list[str] = []
        engine = model.ensure_engine()
        sa.event.listen(
            engine, "before_cursor_execute", lambda *args: sent.append(args[2])
        )
        counts = {}
        for rows in (1, 1, 20):
            sent.clear()
            self.client.get(f"/api/3/action/package_search?rows={rows}")
            counts[str(rows)] = len(sent)
        return counts


# The three, side by side


class Process:
    """A portal of the measurement."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.statements: dict[str, int] = {}

    def answer(self) -> dict[str, Any]:
        """Return the next line that the process says."""
        for line in self.process.stdout or ():
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        raise SystemExit("a process of the measurement ended: see its configuration")

    def ask(self, what: str) -> float:
        """Return how long something takes there, in seconds."""
        print(what, file=self.process.stdin, flush=True)
        return float(self.answer()["seconds"])


def prepare(name: str, *, gate: bool) -> dict[str, str]:
    """Make the databases of one variant; return the variables of its process."""
    from portalctl import bringup, postgres, settings
    from portalctl.instance import Instance

    instance = Instance.from_environment()
    main, datastore = f"ckan_bench_{name}", f"datastore_bench_{name}"
    ini = Path(instance.var) / "run" / f"bench-{name}.ini"
    plugins = _plugins(instance.ini)
    if not gate:
        plugins.remove("maroc_workflow")
    ini.write_text(
        f"[DEFAULT]\n[app:main]\nuse = config:{instance.ini}\n"
        f"ckan.plugins = {' '.join(plugins)}\n"
    )
    postgres.make_roles(instance, main, datastore)
    variables = {
        "CKAN_INI": str(ini),
        "CKAN_SITE_ID": f"bench-{name}",
        "BENCH_GATE": "yes" if gate else "no",
        "CKAN_SQLALCHEMY_URL": settings.database_url(instance, settings.OWNER, main),
        "CKAN_DATASTORE_WRITE_URL": settings.database_url(
            instance, settings.DATASTORE_WRITE, datastore
        ),
        "CKAN_DATASTORE_READ_URL": settings.database_url(
            instance, settings.DATASTORE_READ, datastore
        ),
    }
    bringup.run_ckan(
        instance, ["maroc-portal", "prepare"], "The databases failed.", variables
    )
    if not gate:
        known = postgres.execute(
            instance,
            main,
            "SELECT relrowsecurity FROM pg_class WHERE oid = 'package'::regclass",
        )
        if known.strip().startswith("t"):
            postgres.execute(instance, main, OPEN)
    return {
        **variables,
        "CKAN_SQLALCHEMY_URL": settings.database_url(instance, settings.WEB, main),
    }


def _plugins(ini: Path) -> list[str]:
    from configparser import RawConfigParser

    parser = RawConfigParser()
    parser.read(ini)
    return parser.get("app:main", "ckan.plugins").split()


def main() -> int:
    """Measure for at most ``--seconds`` and print the table."""
    parser = argparse.ArgumentParser(prog="portal bench gate", description=__doc__)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    without, with_ = prepare("without", gate=False), prepare("with", gate=True)
    three = {"without": Process(without)}
    three["without"].statements = three["without"].answer()["ready"]
    for name, variables in (("again", without), ("with", with_)):
        three[name] = Process(variables)
        three[name].statements = three[name].answer()["ready"]
    times = measure(three, options.seconds)
    for each in three.values():
        each.process.terminate()
    print(report(times))
    with_gate = three["with"].statements
    per_hit = with_gate["20"] - with_gate["1"]
    print(
        f"\nSQL statements of a search: {three['without'].statements['20']} without,"
        f" {with_gate['20']} with the gate; {per_hit} more for 20 hits than for one"
    )
    return 0


def measure(
    three: dict[str, Process], seconds: float
) -> dict[str, dict[str, list[float]]]:
    """Ask each variant each thing in turn until the time is up."""
    times: dict[str, dict[str, list[float]]] = {
        what: {name: [] for name in three} for what in LIMITS
    }
    shuffled, end, warm = random.Random(31_13), time.monotonic() + seconds, 0  # noqa: S311 - an order, no secret
    while time.monotonic() < end:
        for what in LIMITS:
            names = list(three)
            shuffled.shuffle(names)
            for name in names:
                took = three[name].ask(what)
                if warm >= 3:
                    times[what][name].append(took * 1000)
        warm += 1
    return times


def report(times: dict[str, dict[str, list[float]]]) -> str:
    """Return the table: medians, spread, and the ratio with its A/A line."""
    lines = [
        f"{'':<8}{'without':>18}{'again (A/A)':>20}{'with the gate':>22}{'limit':>8}"
        f"   milliseconds: median (10 % - 90 %), ratio"
    ]
    for what, by_name in times.items():
        base = statistics.median(by_name["without"])
        cells = []
        for name in ("without", "again", "with"):
            tenths = statistics.quantiles(by_name[name], n=10)
            middle = statistics.median(by_name[name])
            ratio = "" if name == "without" else f" x{middle / base:.2f}"
            cells.append(f"{middle:.1f} ({tenths[0]:.0f}-{tenths[-1]:.0f}){ratio}")
        lines.append(
            f"{what:<8}{cells[0]:>18}{cells[1]:>20}{cells[2]:>22}"
            f"{f'x{LIMITS[what]}':>8}"
        )
    return "\n".join([f"{len(times['show']['with'])} rounds", *lines])


if __name__ == "__main__":
    raise SystemExit(main())
