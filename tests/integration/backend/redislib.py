# SPDX-License-Identifier: GPL-2.0-or-later
"""A real redis-server on a UNIX socket in a temporary folder, for as long as a test runs."""

import os
import secrets
import signal
import socket
import subprocess
import tempfile

from backendlib import WAIT_SECONDS, wait_until


class Redis:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sighej-redis-")  # short: a socket's path is bounded
        self.path = os.path.join(self.folder.name, "socket")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no",
             "--dir", self.folder.name, "--loglevel", "warning"], stdout=subprocess.DEVNULL)
        wait_until(self.answers, "redis-server")

    def answers(self):
        try:
            return self.ask("PING") == b"+PONG\r\n"
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def ask(self, *words):
        """The first piece of the answer, as it comes."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(WAIT_SECONDS)
            connection.connect(self.path)
            connection.sendall(b"".join([b"*%d\r\n" % len(words),
                                         *(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)]))
            return connection.recv(1 << 20)

    def dump(self):
        """Everything it holds, as bytes."""
        self.ask("SAVE")
        with open(os.path.join(self.folder.name, "dump.rdb"), "rb") as file:
            return file.read()

    @property
    def settings(self):
        """For each of the instances that share it."""
        return {"REDIS_URL": f"unix://{self.path}", "INTEREST_KEY_FILE": self.key_file("interest.key")}

    def key_file(self, name):
        """A key file, made when it is first asked for."""
        key = os.path.join(self.folder.name, name)
        if not os.path.exists(key):
            with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
        return key

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        self.process.kill()
        self.process.wait(WAIT_SECONDS)

    def close(self):
        self.stop()
        self.folder.cleanup()
