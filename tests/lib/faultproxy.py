#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP or UNIX-socket proxy that does to a connection what networks do.

As a library (a thread of its own; every method may be called from any thread):

    with FaultProxy("unix:/run/redis.sock") as proxy:      # listens on a free loopback port
        connect (proxy.address)                            # "tcp:127.0.0.1:40001"
        proxy.set (delay_s=0.2)                            # both ways
        proxy.set (DOWN, swallow=True, only=b"SUBSCRIBE")  # half-open, one connection of several
        proxy.cut ()                                       # resets every connection now
        proxy.clear ()                                     # heals

Or as a program with a control socket that takes one JSON object a line, {"do": "set", "way": "up",
"delay_s": 0.2}, and answers one: faultproxy.py --listen ADDRESS --target ADDRESS --control PATH
"""
import argparse
import asyncio
import dataclasses
import json
import os
import random
import signal
import socket
import struct
import threading
import time

UP, DOWN, BOTH = "up", "down", "both"  # to the target, from it
CHUNK_BYTES = 65536
QUEUED_CHUNKS_MAX = 64  # in one direction; then the sender feels it
HEARD_BYTES_MAX = 4096  # of what a client sends first, to know its connection by
SEGMENT_BYTES = 1448
RETRANSMIT_SECONDS = 0.2  # what a lost segment costs


@dataclasses.dataclass
class Faults:
    delay_s: float = 0  # each byte is so much later
    rate_bytes_s: float = 0  # 0: no limit
    slice_bytes: int = 0  # pieces of so many bytes, each sent by itself
    loss_percent: float = 0  # of segments: each costs RETRANSMIT_SECONDS
    stall: bool = False  # nothing passes, nothing is lost
    swallow: bool = False  # bytes vanish and no end is told: half-open, until the link is cut
    cut_at: int = -1  # after so many bytes more in this direction (0: at the next), once ...
    cut_by: str = "reset"  # ... or "end"


def split(address):
    """ "unix:/path" or "tcp:host:port" """
    kind, rest = address.split(":", 1)
    if kind == "unix":
        return rest, None
    host, port = rest.rsplit(":", 1)
    return host, int(port)


class Link:
    """One connection through the proxy: a reader and a writer at both sides."""

    def __init__(self, client):
        self.client, self.target, self.heard, self.tasks, self.closed = client, None, b"", [], False
        self.n_bytes, self.deaf = {UP: 0, DOWN: 0}, set()

    def close(self, reset):
        for side in (self.client, self.target):
            if side is None or self.closed:
                continue
            transport, one = side[1].transport, side[1].get_extra_info("socket")
            if reset:
                if one.family != socket.AF_UNIX and one.fileno() >= 0:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                transport.abort()
            else:
                transport.close()
        self.closed = True
        for task in self.tasks:
            task.cancel()


class FaultProxy:
    def __init__(self, target, listen="tcp:127.0.0.1:0", seed=0):
        self.target, self.listen, self.random = target, listen, random.Random(seed)
        self.rules = {}  # (word or None, way) -> Faults
        self.refuse = False  # new connections are reset at once
        self.tap = None  # tap (link, way, data) -> data, or None to reset the link, in our thread
        self.links, self.n_accepted = set(), 0
        self.loop, self.changed, self.ready = asyncio.new_event_loop(), None, threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()
        self.ready.wait()
        if self.failure:
            raise self.failure

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
    # ---- what tests call ----

    def set(self, way=BOTH, only=None, **faults):
        """Adds to what is set. @only: for connections whose client has sent this word."""
        for one in (UP, DOWN) if way == BOTH else (way,):
            rule = self.rules.get((only, one), Faults())
            self.rules[(only, one)] = dataclasses.replace(rule, **faults)
        self._call(self._wake)

    def clear(self):
        self.rules, self.refuse, self.tap = {}, False, None
        self._call(self._wake)

    def cut(self, only=None, reset=True, share=1.0):
        """Ends that share of the connections now. How many."""
        return self._call(self._cut, only, reset, share)

    @property
    def n_links(self):
        return len(self.links)

    def close(self):
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stop.set)
            self.thread.join()

    # ---- in the thread ----

    def _call(self, function, *arguments):
        if not self.thread.is_alive():
            return None
        if threading.current_thread() is self.thread:
            return function(*arguments)

        async def call():
            return function(*arguments)

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()

    def _work(self):
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._serve())
        finally:
            self.loop.close()

    async def _serve(self):
        self.changed, self.stop = asyncio.Event(), asyncio.Event()
        host, port = split(self.listen)
        try:
            if port is None:
                server = await asyncio.start_unix_server(self._accept, host)
                self.address = self.listen
            else:
                server = await asyncio.start_server(self._accept, host, port, backlog=1024)
                self.address = "tcp:%s:%d" % server.sockets[0].getsockname()[:2]
        except OSError as failure:
            self.failure = failure
            return
        finally:
            self.ready.set()
        await self.stop.wait()
        server.close()
        self._cut(None, True, 1.0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _wake(self):
        self.changed.set()
        self.changed = asyncio.Event()

    def _cut(self, only, reset, share):
        chosen = [link for link in self.links if (only is None or only in link.heard)
                  and (share >= 1 or self.random.random() < share)]
        for link in chosen:
            link.close(reset)
        return len(chosen)

    def _faults(self, link, way):
        for (only, rule_way), faults in self.rules.items():
            if only is not None and rule_way == way and only in link.heard:
                return faults
        return self.rules.get((None, way)) or Faults()

    async def _accept(self, reader, writer):
        link = Link((reader, writer))
        self.n_accepted += 1
        if self.refuse:
            link.close(True)
            return
        self.links.add(link)
        try:
            host, port = split(self.target)
            link.target = await (asyncio.open_unix_connection(host) if port is None
                                 else asyncio.open_connection(host, port))
            queues = {way: asyncio.Queue(QUEUED_CHUNKS_MAX) for way in (UP, DOWN)}
            link.tasks = [asyncio.ensure_future(work) for work in (
                self._read(link, UP, reader, queues[UP]),
                self._write(link, UP, link.target[1], queues[UP]),
                self._read(link, DOWN, link.target[0], queues[DOWN]),
                self._write(link, DOWN, writer, queues[DOWN]))]
            await asyncio.gather(*link.tasks)
            link.close(False)
        except (OSError, asyncio.CancelledError):
            link.close(True)
        finally:
            self.links.discard(link)

    async def _read(self, link, way, reader, queue):
        while True:
            data = await reader.read(CHUNK_BYTES)
            if way == UP and len(link.heard) < HEARD_BYTES_MAX:
                link.heard += data[:HEARD_BYTES_MAX]
            if data and self.tap:
                data = self.tap(link, way, data)
                if data is None:
                    raise ConnectionResetError
            await queue.put((time.monotonic() + self._faults(link, way).delay_s, data))
            if data == b"" and reader.at_eof():
                return

    async def _write(self, link, way, writer, queue):
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - time.monotonic()))
            while self._faults(link, way).stall:
                await self.changed.wait()
            faults = self._faults(link, way)
            if faults.swallow or way in link.deaf:
                link.deaf.add(way)  # for good: a stream with a hole in it is no stream
                continue
            if data == b"":
                return writer.write_eof()
            await self._pass(link, way, writer, data, faults)

    async def _pass(self, link, way, writer, data, faults):
        cut = 0 <= faults.cut_at < len(data)
        if cut:
            data = data[:faults.cut_at]
        elif faults.cut_at >= 0:
            faults.cut_at -= len(data)
        step = faults.slice_bytes or (SEGMENT_BYTES if faults.loss_percent else len(data)) or 1
        for start in range(0, len(data), step):
            if faults.loss_percent and self.random.random() * 100 < faults.loss_percent:
                await asyncio.sleep(RETRANSMIT_SECONDS)
            piece = data[start:start + step]
            writer.write(piece)
            link.n_bytes[way] += len(piece)
            await writer.drain()
            if faults.slice_bytes:
                await asyncio.sleep(0)  # a segment of its own
            if faults.rate_bytes_s:
                await asyncio.sleep(len(piece) / faults.rate_bytes_s)
        if cut:
            faults.cut_at = -1
            link.close(faults.cut_by == "reset")


# ---- as a program ----

async def control(proxy, reader, writer):
    while line := await reader.readline():
        try:
            order = json.loads(line)
            do = order.pop("do")
            if do not in ("set", "clear", "cut", "refuse"):
                raise ValueError(f"no order {do}")
            if "only" in order:
                order["only"] = order["only"].encode()
            if do == "refuse":
                proxy.refuse = bool(order["on"])
            else:
                getattr(proxy, do)(**order)
            answer = {"ok": True, "links": proxy.n_links}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            answer = {"ok": False, "error": str(error)}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--listen", "--target", "--control"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    with FaultProxy(options.target, options.listen) as proxy:
        asyncio.run_coroutine_threadsafe(
            asyncio.start_unix_server(lambda *ends: control(proxy, *ends), options.control),
            proxy.loop).result()
        print("listening on " + proxy.address, flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    os.unlink(options.control)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
