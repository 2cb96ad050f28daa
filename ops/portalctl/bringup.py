"""Bringing the services up: each in its order, with what it needs made ready."""

from __future__ import annotations

import json
import subprocess

from . import condition, postgres, python_env, settings, solr, supervision, system
from .errors import PortalError
from .instance import Instance
from .progress import step


def prepare_machine(instance: Instance, *, yes: bool, for_tests: bool = False) -> None:
    """Install Debian's packages and the Python environment, where they lack."""
    system.check_disk(instance, gib=2.0 if not instance.venv.exists() else 0.3)
    instance.logs.mkdir(parents=True, exist_ok=True)
    needs = system.RUN + (system.TEST if for_tests else ())
    if solr.given():
        needs = tuple(n for n in needs if n.shown_by not in ("java", "mvn"))
    if not supervision.running(instance):
        supervision.end_leftovers(instance)
        system.check_ports(instance)
    system.install_packages(instance, needs, yes)
    python_env.install(instance, for_tests=for_tests)


def start_services(instance: Instance, *, dev: bool = False, demo: bool = True) -> None:
    """Start the five services in their order, with databases, index and data ready."""
    (instance.var / "postgresql").mkdir(parents=True, exist_ok=True)
    if not solr.given():
        solr.build(instance)
    schema_changed = not solr.given() and solr.configure(instance)
    postgres.initialise(instance)
    supervision.configure(instance, dev=dev)
    supervision.start(instance)
    reread(instance)
    supervision.ensure(instance, "postgresql", lambda: postgres.ready(instance))
    supervision.ensure(instance, "redis", lambda: condition.redis_ready(instance))
    url = settings.solr_url(instance)
    if solr.given():
        if not solr.ready(url):
            raise PortalError(
                f"The Solr given as PORTAL_SOLR_URL does not answer at {url}.",
                "Start it, or unset PORTAL_SOLR_URL to use the portal's own.",
            )
    else:
        if schema_changed:
            supervision.stop(instance, "solr")
        supervision.ensure(instance, "solr", lambda: solr.ready(url))
    _prepare(instance, demo=demo, empty_index=schema_changed)
    supervision.ensure(instance, "worker", lambda: condition.worker_ready(instance))
    supervision.ensure(instance, "web", lambda: condition.web_ready(instance))


def _prepare(instance: Instance, *, demo: bool, empty_index: bool) -> None:
    """Bring databases, rights, index and data to this version of the code.

    What was done stands in var/prepared, written last: a second ``up`` skips it, and
    one that was stopped half-way begins it again.
    """
    stamp = instance.var / "prepared"
    done: dict[str, object] = json.loads(stamp.read_text()) if stamp.exists() else {}
    schema = solr.schema_digest(instance)
    code = settings.code_fingerprint()
    with step("Databases and roles"):
        postgres.make_roles(instance)
    reindex = empty_index or done.get("schema") != schema
    if reindex or done.get("code") != code:
        with step("Migrations, rights and index"):
            command = ["maroc-portal", "prepare"]
            if reindex:
                command.append("--reindex")
            run_ckan(instance, command, "The databases could not be prepared.")
            run_ckan(
                instance, ["translation", "js"], "The scripts' texts could not be made."
            )
            postgres.execute(
                instance, settings.DATASTORE_DATABASE, datastore_permissions(instance)
            )
    if demo and done.get("demo") != code:
        with step("Demonstration data (HCP, census of 2024)"):
            known = settings.secrets(instance)
            run_ckan(
                instance,
                ["maroc-portal", "demo"],
                "The demonstration data could not be put in.",
                {
                    f"PORTAL_PASSWORD_{name.upper().replace('-', '_')}": known[name]
                    for name in settings.ACCOUNTS
                },
            )
        done["demo"] = code
    stamp.write_text(json.dumps({**done, "code": code, "schema": schema}))


def reread(instance: Instance) -> None:
    """Let supervisord take up a configuration that changed since its start."""
    server = supervision.rpc(instance)
    added, changed, removed = server.reloadConfig()[0]
    for name in (*changed, *removed):
        supervision.stop(instance, name)
        server.removeProcessGroup(name)
    for name in (*added, *changed):
        server.addProcessGroup(name)


def datastore_permissions(
    instance: Instance, variables: dict[str, str] | None = None
) -> str:
    """Return what ``ckan datastore set-permissions`` prints, to be run by psql."""
    result = subprocess.run(
        [*ckan_command(instance), "datastore", "set-permissions"],
        env={**settings.environment(instance, "owner"), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise PortalError(
            "CKAN could not say the DataStore's permissions.", "", result.stderr[-2000:]
        )
    return result.stdout


def run_ckan(
    instance: Instance,
    command: list[str],
    problem: str,
    variables: dict[str, str] | None = None,
) -> None:
    log = instance.logs / "setup.log"
    with log.open("ab") as sink:
        code = subprocess.run(
            [*ckan_command(instance), *command],
            env={**settings.environment(instance, "owner"), **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        tail = log.read_text("utf-8", "replace").splitlines()[-20:]
        raise PortalError(problem, f"The whole output is in {log}.", "\n".join(tail))


def ckan_command(instance: Instance) -> list[str]:
    return [str(instance.venv / "bin" / "ckan"), "-c", str(instance.ini)]
