"""`huying witness`: what an ombudsman, a court or a neighbour runs, so that no past can be changed unseen."""

from __future__ import annotations

import argparse
import json
import os
import signal
import stat
import threading
from pathlib import Path

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.record.note import COSIGNED, PLAIN, Signer, read_vkey
from huying.record.witness import Witness
from huying.record.witness_http import WitnessServer
from huying.system import SystemChance, SystemClock

PORT = 8710
KEY_BYTES = 32


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("key", "serve"))
    for each in verbs.values():
        each.add("--key", required=True, metavar="FILE")
        each.add("--json", action="store_true")
    verbs["key"].add("--name", required=True)
    verbs["serve"].add("--state", required=True, metavar="FILE")
    verbs["serve"].add("--log", required=True, action="append", metavar="KEY")
    verbs["serve"].add("--host", default="127.0.0.1")
    verbs["serve"].add("--port", type=int, default=PORT)


def _run(args: argparse.Namespace, console: Console) -> Exit:
    return _key(args, console) if args.verb == "key" else _serve(args, console)


def _key(args: argparse.Namespace, console: Console) -> Exit:
    """Make the key unless it is there, and print its public half."""
    path = Path(args.key)
    if not path.exists():
        signer = Signer(args.name, seed := SystemChance().bytes(KEY_BYTES), COSIGNED)
        text = json.dumps({"name": args.name, "seed": seed.hex()}, ensure_ascii=False, indent=1)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Refusal("file_unwritable", path=str(path)) from error
    signer = read_key(path)
    console.say("cli.witness.key.row", vkey=signer.verifier.vkey)
    console.answer({"vkey": signer.verifier.vkey})
    return Exit.OK


def read_key(path: Path) -> Signer:
    """Refuses with `keys_open` or `keys_unreadable`, and quotes nothing."""
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise Refusal("keys_open", path=str(path), mode=f"{stat.S_IMODE(mode):04o}")
        found = json.loads(path.read_bytes())
        return Signer(found["name"], bytes.fromhex(found["seed"]), COSIGNED)
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal("keys_unreadable", path=str(path)) from None


def _serve(args: argparse.Namespace, console: Console) -> Exit:
    logs = [read_vkey(each) for each in args.log]
    if any(each.kind != PLAIN for each in logs):
        raise Refusal("bad_vkey", vkey=args.log[0][:120])
    witness = Witness(read_key(Path(args.key)), logs, Path(args.state), SystemClock())
    try:
        server = WitnessServer(witness, args.host, args.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refusal("port_taken", host=args.host, port=args.port, reason=reason) from error
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: threading.Thread(target=server.shutdown).start())
    address = f"http://{args.host}:{server.server_address[1]}"
    vkey = witness.signer.verifier.vkey
    console.say("cli.witness.serve.ready", address=address, setting=f"{vkey}@{address}")
    console.answer({"address": address, "vkey": vkey})
    with server:
        server.serve_forever(poll_interval=0.1)
    witness.close()
    return Exit.OK


COMMAND = Command("witness", 73, _run, _arguments)
