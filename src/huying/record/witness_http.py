"""The witness's door: `POST /add-checkpoint`, and at `/` what it last signed, for people and monitors."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from huying.record.witness import BODY_BYTES_MAX, Answer, Witness

# A log sends its 3 kB in one go; who is slower than this holds a thread for nothing.
READ_S = 10
# Askers at once; the rest wait in the system's queue.
AT_ONCE = 32

log = logging.getLogger("huying.witness")


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness; `serve_forever`, and `shutdown` from another thread."""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str, port: int) -> None:
        self.witness = witness
        self._room = threading.Semaphore(AT_ONCE)
        super().__init__((host, port), _Door)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._room.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.info("a client went away")


class _Door(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    timeout = READ_S
    server_version, sys_version = "witness", ""

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            self._answer(Answer(400, "a body of known and small length is needed\n"))
            return
        body = self.rfile.read(int(length))
        if self.path.rstrip("/").rpartition("/")[2] != "add-checkpoint":
            self._answer(Answer(404, "POST /add-checkpoint\n"))
            return
        try:
            answer = self.server.witness.add_checkpoint(body)
        except OSError as error:  # the disk: nothing was remembered, so nothing is signed
            log.error("nothing is signed: %s", error)
            answer = Answer(503, "can't remember anything now\n")
        if answer.status in (409, 422):
            log.warning("refused with %d: %r", answer.status, body[:400])
        self._answer(answer)

    def do_GET(self) -> None:
        witness = self.server.witness
        notes = [text for _, text in witness.latest.values()]
        self._answer(Answer(200, "\n".join([witness.signer.verifier.vkey + "\n", *notes])))

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)
