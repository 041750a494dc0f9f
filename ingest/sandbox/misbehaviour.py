"""What each fault does: a wrong reply, or something done to the connection itself.

Here: the acts. When a fault strikes stands in faults.py.
"""

import json
import socket
import struct
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from threading import Event

from ingest.sandbox.exchange import Reply, Request, as_json
from ingest.sandbox.faults import Fault
from ingest.sandbox.musicbrainz import refusal

DRIP_S = 0.5
HUGE_BLOCKS = 256  # of 1 MiB: more than any client may take
HTML = b"<!doctype html><html><head><title>Just a moment...</title></head><body><h1>One more step</h1></body></html>"
BANS = {
    "musicbrainz": Reply(403, b'{"error": "Your access has been blocked. Please contact support."}'),
    "listenbrainz": Reply(403, b"<html><head><title>403 Forbidden</title></head></html>", "text/html"),
    "cover_art_archive": Reply(403, b"<html><head><title>403 Forbidden</title></head></html>", "text/html"),
    "discogs": Reply(
        403, b"<!doctype html><title>Attention Required! | Cloudflare</title>", "text/html; charset=UTF-8"
    ),
    "spotify": Reply(403, b"Active premium subscription required for the owner of the app.", "text/plain"),
    "spotify_token": Reply(400, b'{"error": "invalid_client", "error_description": "Invalid client"}'),
}


def wrong_reply(fault: Fault, source: str, request: Request, base_url: str) -> Reply | None:
    """The reply that a fault gives instead of the right one, or None if it needs the connection or the right reply."""
    if fault.kind == "shed":
        busy = Reply(
            503, b"<html><h1>503 Service Temporarily Unavailable</h1></html>", "text/html", {"Retry-After": "0"}
        )
        return refusal("global", request) if source == "musicbrainz" else busy
    if fault.kind == "excess":
        too_fast = as_json({"message": "You are making requests too quickly."}, 429, {"Retry-After": "2"})
        return refusal("ws ip", request) if source == "musicbrainz" else too_fast
    if fault.kind == "ban":
        return BANS[source]
    if fault.kind == "long_retry_after":
        return _later(fault, source, request)
    replies = {
        "html": Reply(200, HTML, "text/html; charset=utf-8"),
        "error": Reply(500, b"<html><h1>500 Internal Server Error</h1></html>", "text/html"),
        "loop": _redirect(f"{base_url}/loop/a"),
        "elsewhere": _redirect("https://example.org/elsewhere"),
        "private": _redirect("http://169.254.169.254/latest/meta-data/"),
    }
    return replies.get(fault.kind)


def circle(path: str, base_url: str) -> Reply | None:
    """The second half of a redirect loop."""
    if "/loop/" not in path:
        return None
    return _redirect(f"{base_url}/loop/{'b' if path.endswith('a') else 'a'}")


def truncated(reply: Reply, call: int) -> tuple[Reply, int]:
    """Half of a reply, and the length it claims: the whole on odd calls, honest on even ones."""
    half = replace(reply, body=reply.body[: max(1, len(reply.body) // 2)])
    return half, len(reply.body) + 1 if call % 2 else len(half.body)


def hang(fault: Fault, stopping: Event) -> None:
    """Answers nothing until the sandbox stops or the fault's seconds are over."""
    stopping.wait(fault.seconds)


def drip(handler: BaseHTTPRequestHandler, reply: Reply, stopping: Event) -> None:
    """Sends the body a byte every half second."""
    for byte in reply.body:
        if stopping.wait(DRIP_S):
            return
        handler.wfile.write(bytes((byte,)))
        handler.wfile.flush()


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Drops the connection with a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def huge(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Sends more than anybody should read; the client is expected to leave."""
    block = json.dumps({"filler": "x" * (1024 * 1024 - 20)}).encode()
    handler.wfile.write(b"[")
    for _ in range(HUGE_BLOCKS):
        if stopping.is_set():
            return
        handler.wfile.write(block + b",")


def _later(fault: Fault, source: str, request: Request) -> Reply:
    when = formatdate(request.epoch + fault.seconds, usegmt=True) if fault.as_date else str(int(fault.seconds))
    status = 503 if source in ("musicbrainz", "cover_art_archive") else 429
    return Reply(status, b"Too many requests", "text/plain", {"Retry-After": when})


def _redirect(location: str) -> Reply:
    return Reply(302, b"", "text/plain", {"Location": location})
