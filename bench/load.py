"""A load of HTTP requests from one process, cheap enough not to starve the server on the same two cores."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    """What came of it: answers by status, wall seconds, and the latency of each answer in seconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3


def request(path: str, body: bytes, kind: str = "application/json", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    head += f"{more}\r\n" if more else ""
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def whole(answer: bytes) -> bool:
    """Whether head and body of an answer are there."""
    head, end, body = answer.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length: ")
    return bool(end) and len(body) >= int(length.split(b"\r\n", 1)[0] or 0)


def drive(port: int, requests: Sequence[bytes], connections: int, count: int) -> Load:
    """Send `count` requests in turn over `connections` connections, each waiting for its answer."""
    load, picker = Load(), selectors.DefaultSelector()
    sent = 0
    started: dict[object, float] = {}
    partial: dict[object, bytes] = {}
    for _ in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        picker.register(sock, selectors.EVENT_READ)
    begin = time.perf_counter()
    for key in list(picker.get_map().values()):
        started[key.fileobj] = time.perf_counter()
        key.fileobj.sendall(requests[sent % len(requests)])
        sent += 1
    running = connections
    while running:
        for key, _ in picker.select():
            chunk = key.fileobj.recv(65_536)
            if not chunk:
                raise ConnectionError("the server hung up")
            answer = partial.pop(key.fileobj, b"") + chunk
            if not whole(answer):
                partial[key.fileobj] = answer
                continue
            now = time.perf_counter()
            load.latencies.append(now - started[key.fileobj])
            status = int(answer[9:12])
            load.statuses[status] = load.statuses.get(status, 0) + 1
            if sent < count:
                started[key.fileobj] = now
                key.fileobj.sendall(requests[sent % len(requests)])
                sent += 1
            else:
                running -= 1
                picker.unregister(key.fileobj)
                key.fileobj.close()
    load.seconds = time.perf_counter() - begin
    return load
