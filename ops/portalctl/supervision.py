"""The processes, kept by supervisord: started, watched, restarted, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError
from xmlrpc.client import Error, Fault, ServerProxy

from . import postgres, settings, solr
from .errors import PortalError
from .instance import SERVICES, Instance
from .progress import step

DOWN = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")
"""States that supervisord does not leave by itself."""

_PROGRAM = """
[program:{name}]
command={command}
directory={directory}
environment={environment}
autostart=false
autorestart=true
startsecs=2
startretries=3
stopsignal={stopsignal}
stopwaitsecs=20
stopasgroup={group}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def configure(instance: Instance, *, dev: bool = False) -> None:
    """Write redis.conf and supervisord.conf, readable by their owner alone."""
    for name in ("log", "run", "redis", "storage", "spool"):
        (instance.var / name).mkdir(parents=True, exist_ok=True)
    known = settings.secrets(instance)
    redis_conf = instance.var / "redis" / "redis.conf"
    settings.write_private(
        redis_conf,
        f"bind 127.0.0.1\nport {instance.port_of('redis')}\n"
        f"dir {_quoted(redis_conf.parent)}\nappendonly yes\nappendfsync everysec\n"
        f"requirepass {known['redis']}\ndaemonize no\nmaxmemory-policy noeviction\n",
    )
    text = (
        "[supervisord]\nnodaemon=false\n"
        f"logfile={_escaped(instance.logs / 'supervisord.log')}\n"
        f"pidfile={_escaped(instance.var / 'run' / 'supervisord.pid')}\n"
        f"childlogdir={_escaped(instance.logs)}\n"
        f"[inet_http_server]\nport=127.0.0.1:{instance.port_of('supervisor')}\n"
        f"username=portal\npassword={known['supervisor']}\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory="
        "supervisor.rpcinterface:make_main_rpcinterface\n"
    )
    for name in SERVICES:
        if name == "solr" and solr.given():
            continue
        text += _program(instance, name, dev=dev)
    settings.write_private(instance.var / "supervisord.conf", text)


def _program(instance: Instance, name: str, *, dev: bool) -> str:
    variables: dict[str, str] = {"PORTAL_INSTANCE": str(instance.var)}
    directory = instance.var
    stop = "TERM"
    group = "true"
    if name == "postgresql":
        command, stop, group = postgres.command(instance), "INT", "false"
        directory = Path("/")
    elif name == "redis":
        command = ["redis-server", str(instance.var / "redis" / "redis.conf")]
    elif name == "solr":
        command, directory = solr.command(instance), instance.var / "solr" / "jetty"
    elif name == "worker":
        variables |= settings.environment(instance, "owner")
        command = [
            str(instance.venv / "bin" / "ckan"),
            "-c",
            str(instance.ini),
            "maroc-portal",
            "worker",
        ]
    else:
        variables |= settings.environment(instance, "web")
        command = _web_command(instance, dev=dev)
    wanted = {k: v for k, v in variables.items() if k.isidentifier() and "\n" not in v}
    return _PROGRAM.format(
        name=name,
        command=" ".join(_escaped(_quoted(part)) for part in command),
        directory=_escaped(directory),
        environment=",".join(f'{k}="{_escaped(_inner(v))}"' for k, v in wanted.items()),
        stopsignal=stop,
        group=group,
        log=_escaped(instance.log_of(name)),
    )


def _web_command(instance: Instance, *, dev: bool) -> list[str]:
    if dev:
        return [
            str(instance.venv / "bin" / "ckan"),
            "-c",
            str(instance.ini),
            "run",
            "--host=127.0.0.1",
            f"--port={instance.port}",
        ]
    return [
        str(instance.venv / "bin" / "gunicorn"),
        f"--bind=127.0.0.1:{instance.port}",
        "--workers=2",
        "--worker-class=gthread",
        "--threads=4",
        "--timeout=120",
        "--graceful-timeout=10",
        "--no-control-socket",
        "ckanext.maroc_portal.wsgi:application",
    ]


def start(instance: Instance) -> None:
    """Start supervisord where it does not run yet; clear what a dead one left."""
    end_leftovers(instance)
    if running(instance):
        return
    subprocess.run(
        [
            str(instance.venv / "bin" / "supervisord"),
            "-c",
            str(instance.var / "supervisord.conf"),
        ],
        env={**os.environ, "PORTAL_INSTANCE": str(instance.var)},
        cwd=instance.var,
        check=True,
        capture_output=True,
    )
    _wait(
        lambda: running(instance),
        20,
        PortalError(
            "The supervisor of the services did not start.",
            f"See {instance.logs / 'supervisord.log'}.",
        ),
    )


def running(instance: Instance) -> bool:
    return _state(instance) is not None


def _state(instance: Instance) -> Any:
    if not (instance.var / "supervisord.conf").exists():
        return None
    try:
        return rpc(instance).getState()
    except (OSError, Error, HTTPException, ExpatError):
        return None  # nobody there, or someone who is not our supervisor


def rpc(instance: Instance) -> Any:
    """Return supervisord's own interface (XML-RPC on a loopback port)."""
    password = settings.secrets(instance)["supervisor"]
    port = instance.port_of("supervisor")
    proxy: Any = ServerProxy(f"http://portal:{password}@127.0.0.1:{port}/RPC2")
    return proxy.supervisor


def process(instance: Instance, name: str) -> dict[str, Any]:
    """Return supervisord's account of a service: statename, pid, start."""
    try:
        return dict(rpc(instance).getProcessInfo(name))
    except (OSError, Fault):
        return {"statename": "UNKNOWN", "pid": 0}


def ensure(
    instance: Instance, name: str, ready: Callable[[], bool], timeout: int = 180
) -> None:
    """Start a service unless it runs, and wait until it really answers."""
    if runs(instance, name) and ready():
        return
    with step(f"{name} starts"):
        if process(instance, name)["statename"] in DOWN:
            try:
                rpc(instance).startProcess(name, False)
            except Fault as fault:
                raise _died(instance, name) from fault
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if process(instance, name)["statename"] in DOWN:
                raise _died(instance, name)
            if runs(instance, name) and ready():
                return
            time.sleep(0.2)
        raise _died(instance, name, f"does not answer after {timeout} s")


def runs(instance: Instance, name: str) -> bool:
    """Whether the service's own process lives.

    supervisord learns of a death a moment later, and the children of a killed process
    may answer for a moment more: the process itself is asked.
    """
    account = process(instance, name)
    if account["statename"] != "RUNNING":
        return False
    try:
        facts = Path(f"/proc/{account['pid']}/stat").read_text()
    except OSError:
        return False
    return facts.rpartition(")")[2].split()[0] != "Z"


def stop(instance: Instance, name: str) -> None:
    with contextlib.suppress(Fault):
        rpc(instance).stopProcess(name, True)


def _died(instance: Instance, name: str, how: str = "died at its start") -> PortalError:
    return PortalError(
        f"The service {name} {how}.",
        f"./portal logs {name} shows all it wrote; ./portal up tries again.",
        instance.last_lines(name),
    )


def shutdown(instance: Instance) -> None:
    """End every process of this instance; none is left, whatever happened before."""
    if running(instance):
        server = rpc(instance)
        # The web and the worker first, so that neither sees its stores vanish.
        for name in ("web", "worker", "solr", "redis", "postgresql"):
            with contextlib.suppress(Fault, OSError):
                server.stopProcess(name, True)
        with contextlib.suppress(Fault, OSError):
            server.shutdown()
        end = time.monotonic() + 20
        while running(instance) and time.monotonic() < end:
            time.sleep(0.1)
    end_leftovers(instance)


def end_leftovers(instance: Instance) -> None:
    """End processes of this instance that no supervisor keeps any more."""
    for wait, sign in (
        (10.0, signal.SIGINT),
        (10.0, signal.SIGTERM),
        (5.0, signal.SIGKILL),
    ):
        pids = leftovers(instance)
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
        end = time.monotonic() + wait
        while leftovers(instance) and time.monotonic() < end:
            time.sleep(0.1)


def leftovers(instance: Instance) -> list[int]:
    """Return the processes marked as this instance's that no supervisor keeps.

    This process and its shell are not among them.
    """
    keeper = _keeper(instance)
    mark = f"PORTAL_INSTANCE={instance.var}".encode()
    mine = {os.getpid(), os.getppid()}
    marked, parents = set(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            # Redis writes its title over its environment: its folder tells whose it is.
            ours = (folder / "cwd").readlink() == instance.var / "redis"
            facts = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(folder.name)
        parents[pid] = int(facts[1])
        if (ours or mark in environment) and facts[0] != "Z":
            marked.add(pid)

    def kept(pid: int) -> bool:
        while pid > 1 and pid != keeper:
            pid = parents.get(pid, 0)
        return pid == keeper

    return [pid for pid in marked - mine if not (keeper and kept(pid))]


def _keeper(instance: Instance) -> int:
    """Return the living supervisord's pid, or 0."""
    return int(rpc(instance).getPID()) if running(instance) else 0


def _wait(condition: Callable[[], bool], seconds: float, error: PortalError) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise error
        time.sleep(0.1)


def _quoted(part: str | Path) -> str:
    text = str(part)
    return f'"{text}"' if " " in text else text


def _inner(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _escaped(text: str | Path) -> str:
    """Double the percent signs, which supervisord would expand."""
    return str(text).replace("%", "%%")
