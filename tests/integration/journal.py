# SPDX-License-Identifier: GPL-2.0-or-later
"""The real journal of systemd, apart from the machine's: a systemd-journald in a mount namespace of its own,
and programs that are started there with it as their stderr, as a unit of systemd's has it."""
import json
import os
import socket
import struct
import subprocess
import time

JOURNALD = "/lib/systemd/systemd-journald"
WAIT_SECONDS = 30
TICK_SECONDS = 0.02
# Nothing of the machine's own /run is seen. Uncompressed: what is stored can be searched for as it is.
CONFIG = "/run/systemd/journald.conf.d/test.conf"
# In a chroot / is no mount of its own, but /run is.
APART = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-euc"]
MAKE_PRIVATE = "mount --make-rprivate / 2>/dev/null || mount --make-rprivate /run\n"
START = f"""{MAKE_PRIVATE}
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p {os.path.dirname(CONFIG)} /run/log/journal
cat >{CONFIG} <<END
[Journal]
Storage=volatile
Compress=no
RateLimitIntervalSec=0
MaxLevelStore=debug
ReadKMsg=no
Audit=
ForwardToSyslog=no
ForwardToWall=no
END
exec {JOURNALD}
"""
# stdout stays ours: a program tells there where it listens.
LOG_TO_IT = 'exec systemd-cat sh -c \'exec "$@" >&3 3>&-\' sh "$@" 3>&1'


class Journal:
    """prefix: what goes in front of the command line of a program that logs to it."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *APART, START],
            env={**os.environ, "SYSTEMD_LOG_TARGET": "null"}, stdin=subprocess.DEVNULL)
        self.root = f"/proc/{self.process.pid}/root"
        self.enter = ["nsenter", f"--target={self.process.pid}", "--mount", "--root", "--"]
        self.prefix = [*self.enter, "sh", "-c", LOG_TO_IT, "sh"]
        end = time.monotonic() + WAIT_SECONDS
        # Before it has a /run of its own, the machine's journald would answer.
        while not os.path.exists(self.root + CONFIG) or self._sync().returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, "systemd-journald does not serve"
            time.sleep(TICK_SECONDS)

    @staticmethod
    def can_be():
        """Whether we may make namespaces: root, and not in a container that forbids it."""
        return subprocess.run([*APART, MAKE_PRIVATE], stderr=subprocess.DEVNULL, check=False).returncode == 0

    def _run(self, *words, **options):
        return subprocess.run([*self.enter, *words], capture_output=True, **options)

    def _sync(self):
        return self._run("journalctl", "--sync", check=False)

    def export(self):
        """All that was logged up to now, each field as it is."""
        assert self._sync().returncode == 0
        return self._run("journalctl", "--directory=/run/log/journal", "--output=export", check=True).stdout

    def stored(self):
        """The bytes of its files, without the room at their end."""
        assert self._sync().returncode == 0
        read = bytearray()
        for folder, _, names in os.walk(self.root + "/run/log/journal"):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    read += file.read().rstrip(b"\0") + b"\0"
        return bytes(read)

    def entries(self, *matches):
        """The fields of each entry, as text; of those with FIELD=value."""
        assert self._sync().returncode == 0
        lines = self._run("journalctl", "--directory=/run/log/journal", "--output=json", "--all", *matches,
                          check=True).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def text(self):
        """As a person reads it."""
        assert self._sync().returncode == 0
        return self._run("journalctl", "--directory=/run/log/journal", "--output=short-precise", "--all",
                         check=True, text=True, errors="replace").stdout

    def write_line(self, text):
        """As a program that knows nothing of it, to its stderr."""
        self._run("systemd-cat", "cat", input=text + b"\n", check=True)

    def write_field(self, name, value):
        """As a program that knows it: an entry with that field, of any bytes."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.sendto(f"MESSAGE=planted\n{name}\n".encode() + struct.pack("<Q", len(value)) + value + b"\n",
                              self.root + "/run/systemd/journal/socket")

    def close(self):
        self.process.terminate()
        self.process.wait(WAIT_SECONDS)
