"""The one place that sees every answer of the portal and writes down what was used."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from flask import Request, Response, request

from ckan.types import CKANApp

from ckanext.maroc_portal.calls import asked_of_action

from . import kinds
from .agents import CLASS_CODES, LISTS, agent_class
from .events import EventSink
from .kinds import SUBJECT_CODES, Answer, Rule
from .settings import Network, Settings
from .spool import Record, Spool
from .visitors import DayKeys, client_address, key_folder, visitor, within

log = logging.getLogger(__name__)


class Hook:
    """Called with each response; counts it or not, and always gives it back."""

    def __init__(self, settings: Settings, sink: EventSink, keys: DayKeys) -> None:
        self._settings = settings
        self._sink = sink
        self._keys = keys

    def __call__(self, response: Response) -> Response:
        """Write a record for what counts. Whatever goes wrong, the visitor is served.

        No SQL statement, no network.
        """
        try:
            rule = kinds.rule_for(answer_of(request, response))
            if rule is not None and not self._declined(request):
                self._sink.append(self._record(request, rule))
        except Exception as error:  # noqa: BLE001 - counting never costs an answer
            # Neither the message nor the trace: they may hold what a visitor sent.
            log.error("a use was not counted: %s", type(error).__name__)  # noqa: TRY400
        return response

    def _declined(self, asked: Request) -> bool:
        return self._settings.respect_do_not_track and "1" in (
            asked.headers.get("DNT"),
            asked.headers.get("Sec-GPC"),
        )

    def _record(self, asked: Request, rule: Rule) -> Record:
        now = time.time()
        address = client_address(
            asked.environ.get("REMOTE_ADDR", ""),
            asked.headers.get("X-Forwarded-For", ""),
            self._settings.trusted_proxies,
        )
        return record_of(
            rule,
            reference_of(asked, rule),
            moment=int(now * 1_000_000),
            key=self._keys.key(now),
            address=address,
            agent=asked.headers.get("User-Agent", ""),
            own_networks=self._settings.own_networks,
        )


def record_of(  # noqa: PLR0913 - what a request or a line of a log tells
    rule: Rule,
    reference: str,
    *,
    moment: int,
    key: bytes,
    address: str,
    agent: str,
    own_networks: Sequence[Network],
) -> Record:
    """Return what is written of a use; neither the address nor the agent is in it."""
    return Record(
        moment=moment,
        visitor=visitor(key, address, agent),
        kind=rule.kind.code,
        agent_class=CLASS_CODES[agent_class(agent)],
        subject=SUBJECT_CODES[rule.subject],
        reference=reference,
        own=bool(own_networks) and within(address, own_networks),
    )


def install(app: CKANApp, settings: Settings) -> None:
    """Watch everything that the application answers, unless logs tell it all."""
    if not settings.count_answers:
        return
    spool = Spool(settings.spool_dir, LISTS)
    keys = DayKeys(key_folder(settings.salt_dir, settings.spool_dir))
    app.after_request(Hook(settings, spool, keys))


def answer_of(asked: Request, response: Response) -> Answer:
    """Return what the decision needs of the request and the response."""
    arguments = asked.view_args or {}
    return Answer(
        endpoint=asked.endpoint,
        method=asked.method,
        status=response.status_code,
        html=response.mimetype == "text/html",
        action=arguments.get("logic_function", ""),
        content_range=response.headers.get("Content-Range", ""),
        # Browsers alone send it, and no script of a page can forge it.
        own_page=asked.headers.get("Sec-Fetch-Site") == "same-origin",
    )


def reference_of(asked: Request, rule: Rule) -> str:
    """Return the id or name of what was used, as the request gives it."""
    if not rule.argument:
        return ""
    if rule is kinds.DATASTORE_RULE:
        return str(asked_of_action(asked).get(rule.argument) or "")
    return str((asked.view_args or {}).get(rule.argument, ""))
