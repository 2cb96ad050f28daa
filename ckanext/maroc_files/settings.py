"""The plugin's options, declared in config_declaration.yaml and read typed here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """maroc_files' options."""

    storage: str
    """The CKAN storage of the files; empty for a folder below ckan.storage_path."""
    max_bytes: int
    """The largest file that is taken in; core's own option."""
    max_rows: int
    """The most rows of a table."""
    max_columns: int
    """The most columns of a table."""
    reader_memory: int
    """The memory of the process that reads a file, in bytes."""
    reader_seconds: int
    """Its processor time."""
    load_seconds: int
    """The longest that loading one table may take."""
    required_checks: tuple[str, ...]
    """The checks whose reports a dataset's files need before it is public."""
    check_seconds: int
    """The longest that looking at one file may take."""
    check_deadline: dt.timedelta
    """A report that waits for longer counts as an alert."""


def settings() -> Settings:
    """Return the options in force."""
    option = "ckanext.maroc_files.{}".format
    return Settings(
        storage=tk.config[option("storage")],
        max_bytes=tk.config["ckan.max_resource_size"] * MIB,
        max_rows=tk.config[option("max_rows")],
        max_columns=tk.config[option("max_columns")],
        reader_memory=tk.config[option("reader_memory")] * MIB,
        reader_seconds=tk.config[option("reader_seconds")],
        load_seconds=tk.config[option("load_seconds")],
        required_checks=tuple(tk.config[option("required_checks")]),
        check_seconds=tk.config[option("check_seconds")],
        check_deadline=dt.timedelta(minutes=tk.config[option("check_deadline")]),
    )
