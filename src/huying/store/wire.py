"""Frames between two processes of one installation, over a socket pair that nobody else has an end of."""

from __future__ import annotations

import pickle
import socket
import struct
import threading
from contextlib import suppress
from typing import Any

_LENGTH = struct.Struct("<I")
# One group of commands with their words is a few MB at most; anything near this is a bug.
FRAME_MAX = 256 * 1024 * 1024


class Wire:
    """Whole Python values, in order. Sending is safe from any thread; receiving belongs to one."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sending = threading.Lock()
        self._file = sock.makefile("rb")

    def send(self, value: Any) -> None:
        """Hand over a value. Raises OSError when the other end is gone."""
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        if len(data) > FRAME_MAX:
            raise ValueError(f"a frame of {len(data)} bytes")
        with self._sending:
            self._sock.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self) -> Any:
        """The next value. Raises EOFError when the other end is gone."""
        head = self._file.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise EOFError
        (length,) = _LENGTH.unpack(head)
        data = self._file.read(length)
        if len(data) < length:
            raise EOFError
        return pickle.loads(data)

    def hang_up(self) -> None:
        """End the talk; a receiver on either end gets EOFError."""
        with suppress(OSError):  # hung up already
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._file.close()
        self._sock.close()
