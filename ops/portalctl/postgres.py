"""A private PostgreSQL cluster with its own port, its own socket and four roles."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from . import settings
from .errors import PortalError
from .instance import ROOT, Instance
from .progress import step
from .system import POSTGRES_BIN

ADMIN = "portal_admin"
ROLES_SQL = ROOT / "ops" / "roles.sql"


def data(instance: Instance) -> Path:
    return instance.var / "postgresql" / "data"


def as_postgres(instance: Instance) -> list[str]:
    """Return what to put before a server command so that it does not run as root.

    PostgreSQL refuses root. Where root calls, the server runs as ``postgres``; and
    where the state lies below a folder closed to that user (a clone in /root), it
    gets one capability more, to pass through folders, so that every file stays
    under var/ and no permission of the system's own folders is changed.
    """
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise PortalError(
            "There is no system user “postgres” to run PostgreSQL as.",
            "Install the Debian package postgresql-15, or run ./portal as a user.",
        ) from None
    lower = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
    lower += ["--init-groups"]
    where = instance.var / "postgresql"
    passing = [*lower, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    for command in (lower, passing):
        probe = [*command, "sh", "-c", 'cd "$0" && cd -P .', str(where)]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return command
    raise PortalError(
        f"PostgreSQL does not run as root, and user postgres cannot enter {where}.",
        "Set PORTAL_VAR to a folder that every user can pass through, "
        "for instance PORTAL_VAR=/var/lib/portal.",
    )


def initialise(instance: Instance) -> None:
    """Make the cluster once; a half-made one is begun again."""
    folder = data(instance)
    if (folder / "ready").exists():
        return
    with step("PostgreSQL cluster"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folder.chmod(0o700)
        password = folder.parent / "password"
        settings.write_private(password, settings.secrets(instance)["postgresql_admin"])
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            for path in (folder.parent, folder, password):
                os.chown(path, user.pw_uid, user.pw_gid)
        result = subprocess.run(
            [
                *as_postgres(instance),
                str(POSTGRES_BIN / "initdb"),
                f"--pgdata={folder}",
                f"--username={ADMIN}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
            ],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        password.unlink()
        if result.returncode:
            raise PortalError(
                "PostgreSQL could not make its cluster.",
                f"Look at {folder.parent}; ./portal reset begins again.",
                result.stderr[-2000:],
            )
        # A relative socket folder keeps the socket's path short, however long the
        # path of the clone is (a socket's name ends at 107 bytes).
        with (folder / "postgresql.conf").open("a") as sink:
            sink.write(
                "\n# set by ./portal\n"
                "listen_addresses = '127.0.0.1'\n"
                "unix_socket_directories = '.'\n"
                "max_connections = 100\n"
                "shared_buffers = 128MB\n"
                "timezone = 'UTC'\n"
                "log_timezone = 'UTC'\n"
                "log_min_duration_statement = 1000\n"
            )
        (folder / "ready").touch()


def command(instance: Instance) -> list[str]:
    return [
        *as_postgres(instance),
        str(POSTGRES_BIN / "postgres"),
        "-D",
        str(data(instance)),
        "-p",
        str(instance.port_of("postgresql")),
    ]


def ready(instance: Instance) -> bool:
    """Whether the server takes our password, not merely whether the port is open."""
    return _psql(instance, "postgres", "SELECT 1").returncode == 0


def make_roles(
    instance: Instance,
    main: str = settings.MAIN_DATABASE,
    datastore: str = settings.DATASTORE_DATABASE,
) -> None:
    """Create the roles and two databases by roles.sql; repeating changes nothing."""
    known = settings.secrets(instance)
    variables = {
        "MAIN_DATABASE": main,
        "DATASTORE_DATABASE": datastore,
        **{f"PASSWORD_{role.upper()}": known[role] for role in settings.DATABASE_ROLES},
    }
    _checked(_psql(instance, "postgres", ROLES_SQL, variables))


def execute(instance: Instance, database: str, sql: str) -> str:
    """Run SQL as the cluster's superuser and return what it printed."""
    return _checked(_psql(instance, database, sql))


def _psql(
    instance: Instance,
    database: str,
    sql: str | Path,
    variables: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        **(variables or {}),
        "PGPASSWORD": settings.secrets(instance)["postgresql_admin"],
        "PGCONNECT_TIMEOUT": "5",
    }
    source = ["-f", str(sql)] if isinstance(sql, Path) else ["-c", sql]
    if isinstance(sql, str) and "\n" in sql:
        source = ["-f", "-"]
    return subprocess.run(
        [
            str(POSTGRES_BIN / "psql"),
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            "--host=127.0.0.1",
            f"--port={instance.port_of('postgresql')}",
            f"--username={ADMIN}",
            f"--dbname={database}",
            *source,
        ],
        env=environment,
        input=str(sql) if source == ["-f", "-"] else None,
        capture_output=True,
        text=True,
        check=False,
    )


def _checked(result: subprocess.CompletedProcess[str]) -> str:
    if result.returncode:
        raise PortalError(
            "PostgreSQL refused a command of the set-up.",
            "./portal logs postgresql says more.",
            result.stderr[-2000:],
        )
    return result.stdout
