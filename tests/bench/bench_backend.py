#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the backend costs, beside any other server that speaks the contract.

Rounds alternate between the two, so that a machine that slows down slows both; medians and ratios
are printed, and which bars of docs/performance.md are kept. Every run checks each answer and each
nudge: one lost, doubled or wrong ends the benchmark.
"""
import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

START_SECONDS = 10
RUN_SECONDS = 300
IDLE_STEPS = "1000,5000,10000,19500"
GROWTH_STEPS = "1000,10000,50000,200000"

# What a load test raises; nothing skips a limit.
LIMITS = {"MAX_CONNECTIONS": "60000", "MAX_CONNECTIONS_PER_ADDRESS": "60000", "SESSIONS_PER_ADDRESS": "0",
          "SIGHTINGS_PER_MINUTE": "100000000", "SIGHTINGS_BURST": "100000000",
          "DISTINCT_TOKENS_PER_HOUR": "100000", "MESSAGES_PER_SECOND": "10000000"}


class Failed(Exception):
    pass


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=os.environ.get("SIGHEJ_BUILD"),
                        help="meson build folder, of --buildtype=release (or $SIGHEJ_BUILD)")
    parser.add_argument("--store", action="append", choices=("memory", "redis"),
                        help="measure with this store; may be given twice (memory)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes of ours (1)")
    parser.add_argument("--peer", metavar="URL", help="the other server, http://ADDRESS:PORT, running")
    parser.add_argument("--peer-pid", default="", metavar="PID[,PID…]", help="its processes")
    parser.add_argument("--peer-redis-pid", default="", metavar="PID", help="its Redis")
    parser.add_argument("--peer-contract", default="one-sided", choices=("mutual", "one-sided"))
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="at least 3 to be quoted (3)")
    parser.add_argument("--seconds", type=float, default=4, metavar="S", help="of each run (4)")
    parser.add_argument("--skip", action="append", default=[], choices=("idle", "growth"))
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    if not arguments.build or not os.path.exists(os.path.join(arguments.build, "backend/sighej-backend")):
        parser.error("--build must name a build folder with the programs in it")
    if arguments.peer and not arguments.peer_pid:
        parser.error("--peer needs --peer-pid: the ratios are of CPU")
    arguments.store = arguments.store or ["memory"]
    return arguments


# ---- servers ----

def with_children(pid):
    pids = [pid]
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []
    for child in children:
        pids += with_children(child)
    return pids


def raise_file_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Redis:
    """On a socket of its own, nothing written to disk."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "redis.sock")
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no",
             "--dir", folder], stdout=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while not os.path.exists(self.socket):
            if time.monotonic() > end or self.process.poll() is not None:
                raise Failed("redis-server does not start")
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(START_SECONDS)


class Ours:
    def __init__(self, arguments, store):
        self.folder = tempfile.mkdtemp(prefix="sighej-bench-")
        self.redis = Redis(self.folder) if store == "redis" else None
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "WORKERS": str(arguments.workers),
                       "STATE_DIRECTORY": os.path.join(self.folder, "state"), **LIMITS}
        if self.redis:
            environment["REDIS_URL"] = "unix://" + self.redis.socket
        self.process = subprocess.Popen(
            [os.path.join(arguments.build, "backend/sighej-backend"), "--listen=127.0.0.1:0",
             "--admin-listen="], env=environment, stdout=subprocess.PIPE, text=True,
            preexec_fn=raise_file_limit)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise Failed("the backend does not start")
        self.url = "http://" + line.split()[-1]
        self.contract = "mutual"
        self.wait_ready()

    def wait_ready(self):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.url + "/health/ready", timeout=START_SECONDS):
                    return
            except urllib.error.HTTPError as refusal:
                if time.monotonic() > end:
                    raise Failed(f"the backend is not ready: {refusal.read()!r}") from refusal
            time.sleep(0.1)

    def groups(self):
        groups = ["--group=backend=" + ",".join(map(str, with_children(self.process.pid)))]
        if self.redis:
            groups.append(f"--group=redis={self.redis.process.pid}")
        return groups

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(2 * START_SECONDS)
        finally:
            self.process.kill()
            self.process.stdout.close()
            if self.redis:
                self.redis.stop()
            shutil.rmtree(self.folder, ignore_errors=True)


class Peer:
    """Started by hand; left as it is."""

    def __init__(self, arguments):
        self.url = arguments.peer
        self.contract = arguments.peer_contract
        self.arguments = arguments

    def groups(self):
        groups = ["--group=backend=" + self.arguments.peer_pid]
        if self.arguments.peer_redis_pid:
            groups.append("--group=redis=" + self.arguments.peer_redis_pid)
        return groups

    def stop(self):
        pass


# ---- runs ----

class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.runs = {}  # name -> results of sighej-load

    def load(self, server, mode, *options):
        command = [os.path.join(self.arguments.build, "tests/bench/sighej-load"), mode, "--url=" + server.url,
                   "--contract=" + server.contract, f"--seconds={self.arguments.seconds}",
                   *server.groups(), *options]
        result = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        if result.returncode != 0:
            raise Failed(f"{' '.join(command)} ended with {result.returncode}: {result.stderr}{result.stdout}")
        return json.loads(result.stdout)

    def run(self, name, make_server, *modes):
        """One fresh server, one run of each mode."""
        server = make_server()
        try:
            for mode, *options in modes:
                if not self.arguments.json:
                    print(f"# {name} {mode}", file=sys.stderr)
                self.runs.setdefault(f"{name} {mode}", []).append(self.load(server, mode, *options))
        finally:
            server.stop()

    def rounds(self):
        for _ in range(self.arguments.rounds):
            for store in self.arguments.store:
                self.run(store, lambda store=store: Ours(self.arguments, store),
                         ("sessions",), ("sightings",), ("match",))
            if self.arguments.peer:
                self.run("peer", lambda: Peer(self.arguments), ("sessions",), ("match",))

    def long_runs(self):
        for store in self.arguments.store:
            if "idle" not in self.arguments.skip:
                self.run(store, lambda store=store: Ours(self.arguments, store),
                         ("idle", "--steps=" + IDLE_STEPS))
            if "growth" not in self.arguments.skip:
                self.run(store, lambda store=store: Ours(self.arguments, store),
                         ("growth", "--steps=" + GROWTH_STEPS))

    # ---- figures ----

    def cost(self, name, group="backend"):
        """Median of CPU microseconds an operation; None when it was not run."""
        runs = self.runs.get(name)
        if not runs or group not in runs[0]["cpu_us_per_operation"]:
            return None
        return statistics.median(run["cpu_us_per_operation"][group] for run in runs)

    def figures(self):
        figures = {}
        for name, runs in self.runs.items():
            if "steps" in runs[0]:
                continue
            for group in runs[0]["cpu_us_per_operation"]:
                costs = [run["cpu_us_per_operation"][group] for run in runs]
                figures[f"{name}: {group} CPU us"] = {"median": round(statistics.median(costs), 2),
                                                      "all": costs}
            figures[f"{name}: a second"] = {
                "median": round(statistics.median(run["per_second"] for run in runs)),
                "all": [run["per_second"] for run in runs]}
        return figures

    def steps(self, name):
        return self.runs[name][0]["steps"] if name in self.runs else []


def nudge_percentile(step, which):
    return max(step["nudge_own_us"][which], step["nudge_peer_us"][which])


class Bar:
    """One line of the table: what is measured, against what, and whether that is kept."""

    def __init__(self, what, value, limit, unit="us"):
        self.what, self.value, self.limit, self.unit = what, value, limit, unit

    @property
    def verdict(self):
        if self.value is None or self.limit is None:
            return "not measured"
        return "kept" if self.value <= self.limit else "missed"

    def as_dict(self):
        return {"what": self.what, "value": self.value and round(self.value, 2),
                "limit": self.limit and round(self.limit, 2), "unit": self.unit, "verdict": self.verdict}


def part(value, divisor):
    return None if value is None else value / divisor


def total(*values):
    return None if None in values else sum(values)


def cost_bars(bench):
    peer, peer_redis = bench.cost("peer match"), bench.cost("peer match", "redis")
    redis, redis_redis = bench.cost("redis sightings"), bench.cost("redis sightings", "redis")
    return [
        Bar("sighting, memory store: 1/25 of the peer's match", bench.cost("memory sightings"), part(peer, 25)),
        Bar("sighting, Redis store: 1/12 of the peer's match", redis, part(peer, 12)),
        Bar("sighting, backend and Redis: 1/4 of peer and Redis", total(redis, redis_redis),
            part(total(peer, peer_redis), 4)),
        Bar("POST /match, Redis store: 1/4 of the peer's", bench.cost("redis match"), part(peer, 4)),
    ]


def step_bars(bench, store):
    bars = []
    idle, growth = bench.steps(f"{store} idle"), bench.steps(f"{store} growth")
    if idle:
        first, last = idle[0], idle[-1]
        bars += [
            Bar(f"{store}: resident memory an idle socket at {last['sockets']}",
                last["bytes_per_socket"]["backend"]["rss"], 1600, "bytes"),
            Bar(f"{store}: nudge p50 at {last['sockets']} : at {first['sockets']}",
                nudge_percentile(last, "p50") / nudge_percentile(first, "p50"), 1.5, "times"),
            Bar(f"{store}: nudge p99 at {last['sockets']}", nudge_percentile(last, "p99") / 1000, 5, "ms"),
        ]
    if growth:
        costs = [step["cpu_us_per_operation"]["backend"] for step in growth]
        bars.append(Bar(f"{store}: sighting at {growth[-1]['sessions']} sessions : at {growth[0]['sessions']}",
                        costs[-1] / costs[0], 1.5, "times"))
    return bars


def show(bench, bars):
    for name, figure in bench.figures().items():
        print(f"{name:38} {figure['median']:>10}   {figure['all']}")
    for store in bench.arguments.store:
        for step in bench.steps(f"{store} idle"):
            memory = step["bytes_per_socket"]["backend"]
            print(f"{store} idle: {step['sockets']:6} sockets  {memory['rss']:.0f} B RSS, {memory['pss']:.0f} B PSS a "
                  f"socket  nudge p50 {nudge_percentile(step, 'p50'):.0f} us, p99 "
                  f"{nudge_percentile(step, 'p99'):.0f} us")
        for step in bench.steps(f"{store} growth"):
            print(f"{store} growth: {step['sessions']:6} sessions  CPU us a sighting {step['cpu_us_per_operation']}")
    print()
    for bar in bars:
        value = "-" if bar.value is None else f"{bar.value:.2f}"
        limit = "-" if bar.limit is None else f"{bar.limit:.2f}"
        print(f"{bar.verdict:12} {bar.what:58} {value:>8} of {limit} {bar.unit}")
    print("kept         lost, doubled, wrong nudges and errors in every run              0")


def main():
    arguments = parse()
    bench = Bench(arguments)
    raise_file_limit()
    try:
        bench.rounds()
        bench.long_runs()
    except (Failed, subprocess.SubprocessError) as failure:
        print(f"bench_backend.py: {failure}", file=sys.stderr)
        return 1
    bars = cost_bars(bench)
    for store in arguments.store:
        bars += step_bars(bench, store)
    if arguments.json:
        print(json.dumps({"runs": bench.runs, "bars": [bar.as_dict() for bar in bars]}))
    else:
        show(bench, bars)
    return 0


if __name__ == "__main__":
    sys.exit(main())
