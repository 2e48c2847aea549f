# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers of a model run and what is done to them: instances on UNIX sockets, one Redis, and a
fault proxy (tests/lib/faultproxy.py, a process each) between every instance and Redis."""
import asyncio
import collections
import contextlib
import json
import os
import secrets
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROXY = os.path.join(HERE, "..", "lib", "faultproxy.py")
START_SECONDS = 20
DRAIN_SECONDS = 15
ORPHAN_SECONDS = 5
LINK_DOWN_SECONDS = 1.5  # at most, of a Redis link that is refused, stalled or half-open
LIMITS = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000000", "SIGHTINGS_BURST": "100000000",
          "DISTINCT_TOKENS_PER_HOUR": "100000", "MESSAGES_PER_SECOND": "10000000"}
KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")


async def wait_until(condition, seconds, what):
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if loop.time() > end:
            raise AssertionError(f"waited in vain for: {what}")
        await asyncio.sleep(0.01)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def kill_now(pid):
    with contextlib.suppress(ProcessLookupError):  # it was faster
        os.kill(pid, signal.SIGKILL)


class Instance:
    def __init__(self, folder, name, key_file, redis_url=None, workers=None):
        self.folder, self.name, self.process, self.n_starts = os.path.join(folder, name), name, None, 0
        os.mkdir(self.folder, 0o700)
        self.address = os.path.join(folder, name + ".sock")
        self.log_path = os.path.join(folder, name + ".log")
        self.environment = {
            **{key: os.environ[key] for key in KEPT if key in os.environ}, **LIMITS, "LC_ALL": "C.UTF-8",
            "G_DEBUG": "fatal-criticals", "STATE_DIRECTORY": self.folder, "INTEREST_KEY_FILE": key_file,
            "SIGHEJ_LOG_LEVEL": "message", **({"REDIS_URL": redis_url} if redis_url else {}),
            **({"WORKERS": str(workers)} if workers else {})}

    async def start(self):
        program = os.path.join(os.environ["SIGHEJ_BUILD"], "backend", "sighej-backend")
        with open(self.log_path, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                program, f"--listen=unix:{self.address}", "--admin-listen=", env=self.environment,
                stdout=asyncio.subprocess.PIPE, stderr=log)
        self.n_starts += 1
        line = await asyncio.wait_for(self.process.stdout.readline(), START_SECONDS)
        assert line.startswith(b"listening on "), f"{self.name} did not start: {self.log()[-3000:]}"

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    async def kill(self, and_workers):
        """SIGKILL; none of its processes outlives it for long."""
        family = [self.process.pid, *children(self.process.pid)]
        for pid in family if and_workers else family[:1]:
            kill_now(pid)
        await self.process.wait()
        await wait_until(lambda: not any(map(alive, family)), ORPHAN_SECONDS,
                         f"the workers of {self.name} to follow it")

    def kill_worker(self, chooser):
        """Whether there was one."""
        workers = children(self.process.pid)
        if workers:
            kill_now(chooser.choice(workers))
        return bool(workers)

    async def stop(self):
        self.process.terminate()
        status = await asyncio.wait_for(self.process.wait(), DRAIN_SECONDS)
        assert status == 0, f"{self.name} ended with {status}: {self.log()[-3000:]}"


class Proxy:
    """A fault proxy in a process of its own."""

    def __init__(self, folder, name, target):
        self.address = os.path.join(folder, name)
        self.control_path, self.target, self.process = self.address + ".control", target, None

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, PROXY, "--listen", "unix:" + self.address, "--target", "unix:" + self.target,
            "--control", self.control_path, stdout=asyncio.subprocess.PIPE)
        await asyncio.wait_for(self.process.stdout.readline(), START_SECONDS)
        self.reader, self.writer = await asyncio.open_unix_connection(self.control_path)

    async def order(self, do, **more):
        self.writer.write(json.dumps({"do": do, **more}).encode() + b"\n")
        answer = json.loads(await self.reader.readline())
        assert answer["ok"], answer


class World:
    def __init__(self, folder, n_instances, with_redis, workers=None):
        self.folder, self.redis, self.redis_environment, self.proxies = folder, None, {}, []
        key_file = os.path.join(folder, "interest.key")
        with open(os.open(key_file, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        self.redis_path = os.path.join(folder, "redis.sock")
        if with_redis:
            self.proxies = [Proxy(folder, f"to-redis-{i}", self.redis_path) for i in range(n_instances)]
        urls = [f"unix://{proxy.address}" for proxy in self.proxies] or [None] * n_instances
        self.instances = [Instance(folder, f"instance-{i}", key_file, url, workers)
                          for i, url in enumerate(urls)]
        self.key_file = key_file
        self.busy, self.tasks = set(), set()
        self.kills = collections.Counter()

    async def start_redis(self):
        self.redis = await asyncio.create_subprocess_exec(
            "redis-server", "--port", "0", "--unixsocket", self.redis_path, "--save", "",
            "--appendonly", "no", "--dir", self.folder, "--loglevel", "warning",
            env={**os.environ, **self.redis_environment}, stdout=asyncio.subprocess.DEVNULL)
        await wait_until(lambda: os.path.exists(self.redis_path), START_SECONDS, "redis-server")

    async def start(self):
        if self.proxies:
            await self.start_redis()
            for proxy in self.proxies:
                await proxy.start()
        for instance in self.instances:
            await instance.start()

    async def stop(self):
        await self.settle()
        for instance in self.instances:
            await instance.stop()

    async def kill_all(self):
        """Whatever is left, in the end or when something has gone wrong."""
        for task in self.tasks:
            task.cancel()
        left = [one.process for one in [*self.instances, *self.proxies]] + [self.redis]
        for process in left:
            if process is None:
                continue
            if process.returncode is None:
                process.kill()
            await process.wait()
            process._transport.close()  # pylint: disable=protected-access

    async def settle(self):
        """All that is under way is done: every instance runs, every link is whole."""
        while self.tasks:
            done = list(self.tasks)
            await asyncio.gather(*done)
            self.tasks -= set(done)

    def check(self):
        """Says at once what went wrong in an act."""
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.discard(task)
            task.result()

    # ---- what is done to them; each act goes on by itself, one at a time an instance ----

    def _begin(self, kind, target, work):
        self.kills[kind] += 1
        self.busy.add(target)

        async def go():
            try:
                await work
            finally:
                self.busy.discard(target)

        self.tasks.add(asyncio.ensure_future(go()))

    async def _replace(self, instance, end):
        await end()
        await instance.start()

    async def _break_link(self, proxy, chooser):
        how = chooser.choice([None, {"stall": True}, {"swallow": True}, "refuse"])
        if how == "refuse":
            await proxy.order("refuse", on=True)
        elif how is not None:
            await proxy.order("set", **how)
        if how in (None, "refuse"):
            await proxy.order("cut")
        if how is not None:
            await asyncio.sleep(chooser.random() * LINK_DOWN_SECONDS)
            if "swallow" in how:
                await proxy.order("cut")
            await proxy.order("clear")

    def free(self, ones):
        return [one for one in ones if one not in self.busy]

    def hurt(self, kind, chooser):
        """Whether it could be done now."""
        if kind == "redis link":
            free = self.free(self.proxies)
            if free:
                one = chooser.choice(free)
                self._begin(kind, one, self._break_link(one, chooser))
            return bool(free)
        free = self.free(self.instances)
        if not free:
            return False
        one = chooser.choice(free)
        if kind == "worker":
            if one.kill_worker(chooser):
                self.kills[kind] += 1
                return True
            kind = "server"
        ends = {"server": lambda: one.kill(True), "parent": lambda: one.kill(False), "graceful": one.stop}
        self._begin(kind, one, self._replace(one, ends[kind]))
        return True
