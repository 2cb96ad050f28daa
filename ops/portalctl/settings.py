"""What differs between machines: addresses and secrets, as environment variables.

The names are CKAN's own and those of ckanext-envvars; docker-compose.yml sets the
same ones, and a test compares the two.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets as random
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from .instance import ROOT, TEST_INI, Instance

Role = Literal["owner", "web"]
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

MAIN_DATABASE = "ckan"
DATASTORE_DATABASE = "datastore"
PYTEST_MAIN, PYTEST_DATASTORE = "ckan_pytest", "datastore_pytest"
STOCK_MAIN = "ckan_stock"
OWNER, WEB = "ckan_owner", "ckan_web"
DATASTORE_WRITE, DATASTORE_READ = "datastore_write", "datastore_read"
DATABASE_ROLES = (OWNER, WEB, DATASTORE_WRITE, DATASTORE_READ)
ACCOUNTS = ("gdd-fes", "rod-fes", "add-admin")

_SECRETS = (
    "secret_key",
    "csrf_key",
    "token_key",
    "postgresql_admin",
    *DATABASE_ROLES,
    "redis",
    "supervisor",
    *ACCOUNTS,
)


def secrets(instance: Instance) -> dict[str, str]:
    """Return this instance's secrets; what lacks is made and kept (mode 0600)."""
    path = instance.var / "secrets.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in _SECRETS if name not in known]
    if missing:
        known |= {name: random.token_urlsafe(24) for name in missing}
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as sink:
            json.dump(known, sink, indent=1)
            sink.flush()
            os.fsync(sink.fileno())
        temporary.replace(path)
    return known


def solr_url(instance: Instance) -> str:
    """Return the Solr core's address: PORTAL_SOLR_URL where one is given, or ours."""
    given = os.environ.get("PORTAL_SOLR_URL", "").rstrip("/")
    return given or f"http://127.0.0.1:{instance.port_of('solr')}/solr/ckan"


def database_url(instance: Instance, role: str, database: str) -> str:
    password = quote(secrets(instance)[role], safe="")
    port = instance.port_of("postgresql")
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def ckan_variables(instance: Instance, role: Role) -> dict[str, str]:
    """Return the variables that CKAN reads: the same names as in docker-compose.yml.

    ``role`` chooses who speaks to the main database: ``web`` owns nothing, ``owner``
    is for migrations, the worker and the commands.
    """
    known = secrets(instance)
    login = WEB if role == "web" else OWNER
    redis = f"redis://:{known['redis']}@127.0.0.1:{instance.port_of('redis')}"
    return {
        "CKAN_INI": str(instance.ini),
        "CKAN_SITE_URL": instance.site_url,
        "CKAN_SITE_ID": "data-gov-ma",
        "CKAN_SQLALCHEMY_URL": database_url(instance, login, MAIN_DATABASE),
        "CKAN_DATASTORE_WRITE_URL": database_url(
            instance, DATASTORE_WRITE, DATASTORE_DATABASE
        ),
        "CKAN_DATASTORE_READ_URL": database_url(
            instance, DATASTORE_READ, DATASTORE_DATABASE
        ),
        "CKAN_REDIS_URL": f"{redis}/0",
        "CKAN_SOLR_URL": solr_url(instance),
        "CKAN_STORAGE_PATH": str(instance.var / "storage"),
        "CKAN___SECRET_KEY": known["secret_key"],
        "CKAN___WTF_CSRF_SECRET_KEY": known["csrf_key"],
        "CKAN___API_TOKEN__JWT__ENCODE__SECRET": f"string:{known['token_key']}",
        "CKAN___API_TOKEN__JWT__DECODE__SECRET": f"string:{known['token_key']}",
        "CKAN___CKANEXT__MAROC_USAGE__SPOOL_DIR": str(instance.var / "spool"),
    }


def pytest_variables(instance: Instance) -> dict[str, str]:
    """Return what the tests inside one process read: databases of their own.

    The running test portal keeps its own two, so that neither disturbs the other.
    """
    known = secrets(instance)
    port = instance.port_of("redis")
    return {
        **ckan_variables(instance, "owner"),
        "CKAN_INI": str(TEST_INI),
        "CKAN_SITE_ID": "pytest",
        "CKAN_SQLALCHEMY_URL": database_url(instance, OWNER, PYTEST_MAIN),
        "CKAN_DATASTORE_WRITE_URL": database_url(
            instance, DATASTORE_WRITE, PYTEST_DATASTORE
        ),
        "CKAN_DATASTORE_READ_URL": database_url(
            instance, DATASTORE_READ, PYTEST_DATASTORE
        ),
        "CKAN_REDIS_URL": f"redis://:{known['redis']}@127.0.0.1:{port}/1",
        "CKAN_STORAGE_PATH": str(instance.var / "pytest" / "storage"),
        "CKAN___CKANEXT__MAROC_USAGE__SPOOL_DIR": str(
            instance.var / "pytest" / "spool"
        ),
        # For the tests alone, never read by CKAN:
        "TEST_WEB_ROLE_URL": database_url(instance, WEB, PYTEST_MAIN),
        "TEST_STOCK_DATABASE_URL": database_url(instance, OWNER, STOCK_MAIN),
        "TEST_STOCK_REDIS_URL": f"redis://:{known['redis']}@127.0.0.1:{port}/2",
        "TEST_PORTAL_URL": instance.site_url,
        "TEST_PORTAL_VAR": str(instance.var),
        "TEST_PORTAL_PORT": str(instance.port),
        "TEST_ARTEFACTS": str(instance.var / "artefacts"),
        "TEST_SOLR_URL": solr_url(instance),
        **{
            f"TEST_PASSWORD_{name.upper().replace('-', '_')}": known[name]
            for name in ACCOUNTS
        },
    }


# What a process keeps of the caller's environment. A short list, so that a second
# `up` from another terminal finds nothing changed and restarts nothing.
_KEPT = ("HOME", "USER", "LOGNAME", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def environment(instance: Instance, role: Role) -> dict[str, str]:
    """Return the whole environment of a CKAN process of this instance."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **ckan_variables(instance, role),
        "PORTAL_INSTANCE": str(instance.var),
        "PORTAL_CODE": code_fingerprint(),
        "PATH": f"{instance.venv / 'bin'}:{SYSTEM_PATH}",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def code_fingerprint() -> str:
    """Return a digest that changes with the code, so that `up` restarts its users."""
    digest = hashlib.sha256()
    for top in ("ckanext", "schemas", "ops/ckan.ini"):
        for path in sorted([ROOT / top, *(ROOT / top).rglob("*")]):
            if path.is_file() and path.suffix != ".pyc" and "tests" not in path.parts:
                facts = path.stat()
                digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as sink:
        sink.write(text)
