"""A client and a notebook that remember: what a source asks, and what it keeps."""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from ingest.errors import GarbledAnswer, SourceError


@dataclass(frozen=True)
class FakeAnswer:
    url: str
    status: int
    text: str
    headers: dict = field(default_factory=dict)
    fetched_at: datetime = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class FakeClient:
    """Answers by a function of (path, params); keeps every question in `asked`, its headers in `headers`."""

    def __init__(self, reply):
        self.reply = reply
        self.asked = []
        self.headers = []

    def get(self, path, params=None, headers=None, accept=(200, 404)):
        return self._ask(path, list(params or ()), headers, accept)

    def post(self, path, data=None, headers=None, accept=(200,)):
        fields = [("body", data.decode())] if isinstance(data, bytes) else sorted((data or {}).items())
        return self._ask(path, fields, headers, accept)

    def json(self, answer):
        try:
            return json.loads(answer.text)
        except ValueError:
            raise GarbledAnswer from None

    def _ask(self, path, params, headers, accept):
        self.asked.append((path, params))
        self.headers.append(headers or {})
        status, body, *more = self.reply(path, params)
        if isinstance(body, SourceError):
            raise body
        assert status in accept, "the client would have raised"
        text = body if isinstance(body, str) else json.dumps(body)
        query = "&".join(f"{name}={value}" for name, value in params)
        return FakeAnswer(f"https://example.org{path}?{query}", status, text, more[0] if more else {})


class FakeStore:
    """Keeps (table, status, questions, payload); errors that concern one question are listed."""

    def __init__(self):
        self.kept = []
        self.errors = []

    def keep(self, table, answer, items, payload, body=""):
        self.kept.append((table, answer.status, [item.question for item in items], payload))

    @contextmanager
    def deferring(self):
        from ingest.errors import Banned, Refused, SourceClosed

        try:
            yield
        except (SourceClosed, Refused, Banned):
            raise
        except SourceError as error:
            self.errors.append(error)

    @property
    def answered(self):
        return [question for _, _, questions, _ in self.kept for question in questions]


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def client():
    return FakeClient
