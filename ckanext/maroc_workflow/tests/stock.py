"""CKAN as it comes, with no plugin of ours: what the write paths open there.

Run as a program, in a process, a database and a folder of its own; the Solr core is
the tests' own, which ``ckan.site_id`` divides. Prints one JSON line: for each attempt,
whether what anyone reads has changed, and what was answered.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.cli.db import _migrate_plugins
from ckan.config.middleware import make_app
from ckan.lib.search import clear_all
from ckan.tests import factories, helpers

from ckanext.maroc_workflow.tests.attempts import ATTEMPTS, House, outcome

INI = """
[DEFAULT]
debug = false
[app:main]
use = egg:ckan
ckan.plugins = activity datastore image_view
SECRET_KEY = stock
ckan.files.storage.default.type = ckan:fs
ckan.files.storage.default.path = {folder}/files
ckan.files.storage.default.initialize = true
testing = true
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(message)s
"""


def main(folder: Path) -> dict[str, Any]:
    """Try every attempt that succeeds on stock CKAN."""
    os.environ["CKAN_STORAGE_PATH"] = str(folder / "storage")
    ini = folder / "stock.ini"
    ini.write_text(INI.format(folder=folder))
    app = helpers.CKANTestApp(make_app(load_config(str(ini))))
    model.repo.upgrade_db()
    _migrate_plugins(apply=True)
    with app.flask_app.test_request_context():
        clear_all()
        try:
            return tried(make_house(app))
        finally:
            forget()


def make_house(app: helpers.CKANTestApp) -> House:
    """Make two institutions and their people."""
    gdd, rod, outsider = (factories.User() for _ in range(3))
    ranks = [(gdd, "editor"), (rod, "admin")]
    users = [{"name": who["name"], "capacity": rank} for who, rank in ranks]
    own = [{"name": gdd["name"], "capacity": "admin"}]
    return House(
        organization=factories.Organization(users=users)["id"],
        elsewhere=factories.Organization(users=own)["id"],
        group=factories.Group(user=outsider)["id"],
        people={
            "gdd": gdd["name"],
            "rod": rod["name"],
            "outsider": outsider["name"],
            "add": factories.Sysadmin()["name"],
        },
        client=app,
    )


def tried(house: House) -> dict[str, Any]:
    """Try each; one that breaks says how, and the others go on."""
    told = {}
    for attempt in ATTEMPTS:
        if attempt.not_on_stock:
            continue
        try:
            found = outcome(house, attempt, attempt.by[0])
        except Exception:  # noqa: BLE001 - told to the test
            model.Session.rollback()
            found = {"said": traceback.format_exc(), "opened": False}
        told[str(attempt)] = {name: found[name] for name in ("said", "opened")}
    return told


def forget() -> None:
    """Leave nothing in what the tests share: the index and the DataStore."""
    clear_all()
    ids = model.Session.execute(sa.text("SELECT id FROM resource")).scalars().all()
    engine = sa.create_engine(tk.config["ckan.datastore.write_url"])
    with engine.begin() as connection:
        for each in ids:
            connection.execute(sa.text(f'DROP TABLE IF EXISTS "{each}"'))
    engine.dispose()


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        answer = main(Path(sys.argv[1]))
    sys.stdout.write(json.dumps(answer) + "\n")
