# SPDX-License-Identifier: GPL-2.0-or-later
"""Several workers behind one parent, on a Redis of their own; and a look at their processes."""
import os
import re
import subprocess

from backendlib import request_bytes, read_answer, wait_until
from shiftedclock import ShiftedClock

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Redis:
    """A redis-server on a UNIX socket, without persistence."""

    def __init__(self, folder):
        self.path = str(folder / "redis.sock")
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly",
             "no", "--dir", str(folder), "--loglevel", "warning"], stdout=subprocess.DEVNULL)
        self.key_file = str(folder / "interest.key")
        with open(self.key_file, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(os.urandom(32))
        wait_until(lambda: os.path.exists(self.path), "redis-server")

    @property
    def url(self):
        return f"unix://{self.path}"

    @property
    def settings(self):
        """Of every backend on it: all have one interest key, or they warn of each other."""
        return {"REDIS_URL": self.url, "INTEREST_KEY_FILE": self.key_file}

    def stop(self):
        self.process.terminate()
        self.process.wait()


# ---- processes ----

def workers(pid):
    """The pids of a parent's workers."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def state_of(pid):
    """'S' sleeping, 'T' stopped, 'Z' zombie; None: there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def n_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def sockets_of(pid):
    """The inodes of a process's sockets."""
    found = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.update(re.findall(r"^socket:\[(\d+)\]$", os.readlink(f"/proc/{pid}/fd/{name}")))
        except FileNotFoundError:
            pass
    return found


def holders(backend, connections):
    """The worker that accepted each of our TCP connections. Reads a large table, so once for all."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        table = [line.split() for line in file if f":{backend.port:04X} " in line]
    inodes = {int(row[2].split(":")[1], 16): row[9] for row in table
              if row[1].endswith(f":{backend.port:04X}")}
    theirs = {pid: sockets_of(pid) for pid in workers(backend.pid)}
    return [next((pid for pid, some in theirs.items()
                  if inodes.get(connection.getsockname()[1]) in some), None)
            for connection in connections]


def ask(connection):
    connection.sendall(request_bytes("GET", "/health"))
    return read_answer(connection).status


def spread(backend, n_each):
    """Kept connections that were answered: worker -> at least so many each."""
    held = {pid: [] for pid in workers(backend.pid)}

    def enough():
        connections = [backend.connect() for _ in range(8 * n_each)]
        assert {ask(connection) for connection in connections} == {200}
        for connection, pid in zip(connections, holders(backend, connections)):
            held[pid].append(connection)
        return all(len(some) >= n_each for some in held.values())

    wait_until(enough, "connections at every worker")
    return held


class TimeShift(ShiftedClock):
    """Lets seconds pass in an instant for a program and its workers."""

    def __init__(self, folder):
        super().__init__(folder / "timeshift")

    def advance(self, seconds, pid):
        super().advance(seconds, [pid, *workers(pid)])
