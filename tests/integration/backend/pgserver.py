# SPDX-License-Identifier: GPL-2.0-or-later
"""A real PostgreSQL of the test's own: in a temporary folder, on a UNIX socket."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from backendlib import wait_until

FOLDERS = pathlib.Path("/usr/lib/postgresql")
USER = "sighej"
PR_SET_PDEATHSIG = 1
MEMORY = "/dev/shm"
MEMORY_BYTES_MIN = 1 << 30


def programs():
    versions = [path for path in FOLDERS.glob("*") if path.name.isdigit()]
    assert versions, f"there is no PostgreSQL in {FOLDERS}: install postgresql-15"
    return max(versions, key=lambda path: int(path.name)) / "bin"


def unprivileged():
    """It refuses to be root's. What Popen needs to be somebody else, when we are root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def die_with_the_test():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def choose_place():
    """In memory, where there is room: None elsewhere."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN else None


class Postgres:
    def __init__(self, **settings):
        self.settings = {"listen_addresses": "", "fsync": "off", "shared_buffers": "1MB",
                         "autovacuum": "off", "max_connections": "30", **settings}
        self.owner = unprivileged()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sighej-pg-", dir=choose_place()))
        self.data = self.folder / "data"
        self.process = None
        self.n_databases = 0
        if self.owner:
            os.chown(self.folder, self.owner["user"], self.owner["group"])
        self._run("initdb", "--no-sync", "--no-instructions", "--auth=trust", "--encoding=UTF8",
                  "--locale=C", f"--username={USER}", str(self.data))
        self.start()

    def _run(self, name, *arguments):
        done = subprocess.run([programs() / name, *arguments], **self.owner, cwd=self.folder,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return done.stdout.strip()

    def _is_ready(self):
        if self.process.poll() is not None:  # a process of the one that was killed still has its memory
            self._spawn()
        try:
            return "\nready" in (self.data / "postmaster.pid").read_text()
        except FileNotFoundError:
            return False

    def start(self):
        self._spawn()
        wait_until(self._is_ready, "PostgreSQL to be ready")

    def _spawn(self):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [programs() / "postgres", "-D", self.data, "-k", self.folder, *options], **self.owner,
            cwd=self.folder, preexec_fn=die_with_the_test, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def _signal_all(self, number):
        """Its children first, so that the one that answers is met in the middle of it."""
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid:
                    os.kill(int(stat.parent.name), number)
            except (FileNotFoundError, ProcessLookupError):
                pass
        self.process.send_signal(number)

    def freeze(self):
        self._signal_all(signal.SIGSTOP)

    def thaw(self):
        self._signal_all(signal.SIGCONT)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def kill(self):
        self._signal_all(signal.SIGKILL)
        self.process.wait()

    def remove(self):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)

    def url(self, database):
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def make_database(self):
        """The URL of a fresh one."""
        self.n_databases += 1
        name = f"test{self.n_databases}"
        self.query(self.url("postgres"), f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.url(name)

    def query(self, url, sql):
        """Rows as psql prints them: a line each, "|" between."""
        return self._run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql)
