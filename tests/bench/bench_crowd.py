#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What sighejd costs while it is open in a crowd, with TLS to the backend.

200 tokens in range at a packet a second each. Beside it, with the same settings and the same
backend: a daemon that is open where nobody is.
"""
import os
import signal
import socket
import subprocess
import sys

from benchlib import Cost, Failed, parse, private_dirty_kib, ratio, run_benchmark, settle, tool
from sighejrun import Process

HOST = "localhost"
OPEN_SECONDS = 3600
REQUIRED_CPU_PERCENT = 2
REQUIRED_PRIVATE_DIRTY_KIB = 12 * 1024
NOISE_DB = 4
HAPROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
listen cell
  bind 127.0.0.1:{port} ssl crt {certificate} alpn http/1.1 ssl-min-ver TLSv1.2
  server one {backend}
"""


def make_certificate(folder):
    """A self-signed one for HOST: the file with its key, and the file without."""
    key, certificate, both = (os.path.join(folder, name) for name in ("key.pem", "ca.pem", "both.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext",
                    f"subjectAltName=DNS:{HOST}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    with open(both, "w", encoding="ascii") as out:
        for path in (certificate, key):
            with open(path, encoding="ascii") as part:
                out.write(part.read())
    return both, certificate


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_proxy(run, backend):
    """haproxy in front of it. The URI, and the file that makes it trusted."""
    folder, port = run.folder("proxy"), free_port()
    both, certificate = make_certificate(folder)
    path = os.path.join(folder, "haproxy.cfg")
    with open(path, "w", encoding="ascii") as file:
        file.write(HAPROXY.format(port=port, certificate=both, backend=backend.address))
    proxy = run.add(Process("haproxy", ["/usr/sbin/haproxy", "-db", "-f", path]))
    proxy.ends_with = -signal.SIGTERM

    def listens():
        if not proxy.running():
            raise Failed("haproxy does not start: " + proxy.text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    run.until(listens, "haproxy listens")
    return f"https://{HOST}:{port}", certificate


class Listener:
    """A daemon that is open, and all its bus carries."""

    def __init__(self, run, name, uri, certificate, air):
        self.run, self.name = run, name
        self.daemon = run.daemon(name, backend=uri, interests=["devops", "hardstyle"],
                                 log_level="message", config=f"CaFile={certificate}\n",
                                 env={"SIGHEJ_SIM_AIR": air})
        self.monitor = run.add(Process(name + "-monitor", [
            "dbus-monitor", "--address", self.daemon.bus.address, "--profile"]))
        self.monitor.ends_with = -signal.SIGTERM

    def open(self):
        self.daemon.call("Open", "(u)", OPEN_SECONDS)
        self.run.until(lambda: self.daemon.get("State") == "open", f"{self.name} is open")

    def count_messages(self):
        return len(self.monitor.lines)

    def begin(self):
        self.messages = self.count_messages()
        self.before = Cost(self.daemon.pid)

    def end(self):
        cost = Cost(self.daemon.pid).since(self.before)
        cost["private_dirty_kib"] = private_dirty_kib(self.daemon.pid)
        cost["bus_messages"] = self.count_messages() - self.messages
        return cost


def main():
    arguments = parse(__doc__, seconds=(60, "how long"), settle=(30, "seconds before that"),
                      tokens=(200, "how many are in range"))

    def measure(run):
        backend = run.backend()
        uri, certificate = start_proxy(run, backend)
        run.set_air(radio={"noise-sigma-db": NOISE_DB})
        crowded = Listener(run, "crowded", uri, certificate, run.air)
        alone = Listener(run, "alone", uri, certificate, run.folder("empty-air"))
        for listener in (crowded, alone):
            listener.open()
        run.add(Process("crowd", [tool(run, "bench-air"), f"--senders={arguments.tokens}",
                                  f"--backend-host={HOST}", run.air]))
        settle(run, arguments.settle)
        for listener in (crowded, alone):
            listener.begin()
        settle(run, arguments.seconds)
        cost, bare = crowded.end(), alone.end()
        nearby = crowded.daemon.get("NearbyCount")
        return {
            "tokens": arguments.tokens,
            "nearby_count": nearby,
            "crowded": cost,
            "baseline_nobody_in_range": bare,
            "ratio_of_cpu": ratio(cost["cpu_percent"], bare["cpu_percent"]),
            "ratio_of_private_dirty": ratio(cost["private_dirty_kib"], bare["private_dirty_kib"]),
            "required_cpu_percent": REQUIRED_CPU_PERCENT,
            "required_private_dirty_kib": REQUIRED_PRIVATE_DIRTY_KIB,
            "kept": cost["cpu_percent"] <= REQUIRED_CPU_PERCENT
                    and cost["private_dirty_kib"] <= REQUIRED_PRIVATE_DIRTY_KIB,
        }

    return run_benchmark(measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
