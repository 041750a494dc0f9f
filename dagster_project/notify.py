"""One message when a night has ended: a command of the person's, or a webhook, gets the summary as JSON.

Here lives the sending and the choice of whether to send. What the message holds is gathered in `ending.py`. HTTP is spoken by
`ingest/client.py`, as everywhere.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.client import Client
from ingest.clock import Clock
from ingest.errors import ConfigError, SourceError
from ingest.pacing import Gate, state_folder
from ingest.probing import Unremembered
from ingest.settings import SourceAccess, user_agent
from ingest.settings_models import Notify

COMMAND_S = 60.0  # longer than any mail programme needs; the night is over and nobody waits for it
WEBHOOK_S = 30.0
DELIVERED = tuple(range(200, 300))


class NotDelivered(Exception):  # noqa: N818 - named for its cause, as in ingest/errors.py
    """The message did not go out; the text says why, without the address, which may hold a key."""


def is_wanted(notify: Notify | None, status: str, doubts: Sequence[str]) -> bool:
    """Whether this ending is one to tell of: `failure` < `doubt` < `always`, each including the one before."""
    if notify is None:
        return False
    return notify.when == "always" or status == "failed" or (notify.when == "doubt" and bool(doubts))


def send(
    notify: Notify, message: Mapping[str, Any], clock: Clock, *, contact: str = "", state_dir: Path | None = None
) -> None:
    """Hand the message to the command or the webhook. Raises NotDelivered."""
    body = json.dumps(message, ensure_ascii=False, default=str).encode()
    if notify.command:
        _run(notify.command, body)
    elif notify.webhook is not None:
        _post(notify.webhook.get_secret_value(), body, clock, contact, state_dir or state_folder())


def _run(command: str, body: bytes) -> None:
    """Without a shell: nothing in the command is expanded, and nothing of the message is ever part of it."""
    try:
        words = [str(Path(word).expanduser()) if word.startswith("~") else word for word in shlex.split(command)]
        ended = subprocess.run(words, input=body, capture_output=True, timeout=COMMAND_S, check=False)  # noqa: S603
    except (OSError, ValueError, IndexError) as error:
        raise NotDelivered(f"the command of `notify` cannot be started: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise NotDelivered(
            f"the command of `notify` was still running after {COMMAND_S:.0f} s and was ended"
        ) from error
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotDelivered(
            f"the command of `notify` ended with {ended.returncode}" + (f": {said[-1][:200]}" if said else "")
        )


def _post(address: str, body: bytes, clock: Clock, contact: str, state_dir: Path) -> None:
    host = urlsplit(address).hostname or "nowhere"
    access = SourceAccess(
        word="webhook", base_url=address, user_agent=user_agent(contact), min_interval_s=1.0, timeout_s=10.0
    )
    try:
        gate = Gate("webhook", access.min_interval_s, state_dir, clock)
    except ConfigError as error:
        raise NotDelivered(error.line) from error
    try:
        with Client(
            access,
            gate=gate,
            clock=clock,
            states=Unremembered(clock),
            run_deadline=clock.monotonic() + WEBHOOK_S,
            expects_json=False,
        ) as client:
            client.post(address, data=body, headers={"Content-Type": "application/json"}, accept=DELIVERED)
    except SourceError as error:
        raise NotDelivered(f"the webhook at {host} did not take the message: {error.what}") from None
    finally:
        gate.close()
