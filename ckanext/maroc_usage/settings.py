"""maroc_usage's options, declared in config_declaration.yaml and read typed here."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import ckan.plugins.toolkit as tk

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True)
class Settings:
    """maroc_usage's options."""

    spool_dir: Path
    """Where each web process appends its records."""
    salt_dir: Path | None
    """The folder in memory for the key of the day; None means one in /dev/shm."""
    trusted_proxies: tuple[Network, ...]
    """The proxies whose X-Forwarded-For is believed."""
    own_networks: tuple[Network, ...]
    """Networks whose visits are marked and left out of the counts."""
    respect_do_not_track: bool
    """Whether visitors who send DNT or Sec-GPC are left out."""
    count_answers: bool
    """Whether the portal counts what it answers; else all counts come from logs."""
    clickhouse: str
    """Where single events are kept instead of PostgreSQL; empty: nowhere else."""


def settings() -> Settings:
    """Return the options in force.

    :raises ValueError: where a network is not one
    """
    spool = tk.config["ckanext.maroc_usage.spool_dir"]
    salt = tk.config["ckanext.maroc_usage.salt_dir"]
    return Settings(
        spool_dir=(
            Path(spool)
            if spool
            else Path(tk.config["ckan.storage_path"] or ".").parent / "spool"
        ),
        salt_dir=Path(salt) if salt else None,
        trusted_proxies=_networks("trusted_proxies"),
        own_networks=_networks("own_networks"),
        respect_do_not_track=tk.config["ckanext.maroc_usage.respect_do_not_track"],
        count_answers=tk.config["ckanext.maroc_usage.count_answers"],
        clickhouse=tk.config["ckanext.maroc_usage.clickhouse"],
    )


def _networks(option: str) -> tuple[Network, ...]:
    texts: list[str] = tk.config[f"ckanext.maroc_usage.{option}"]
    return tuple(ip_network(text) for text in texts)
