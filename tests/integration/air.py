# SPDX-License-Identifier: GPL-2.0-or-later
"""A third radio in the simulated air: hears what everybody sends, and sends what it is told.

The packets are those of daemon/radio/sighej-sim-packet.h.
"""
import os
import secrets
import socket
import struct
import threading
import time
from collections import namedtuple

PACKET = struct.Struct("<4sBBbxii6s31s3x24s")
VERSION = 1
OPEN, KIOSK = 0x11, 0x12            # version 1 and its flag
TX_CAL_DBM = -59

SO_TIMESTAMPNS = 35                 # asm-generic/socket.h
TIMESPEC = struct.Struct("=qq")

# time: of sending, as the kernel noted it, on time.monotonic(); data: the service data; token: the
# last 10 bytes of it, in hex
Packet = namedtuple("Packet", "time name address data token")


def decode(raw, when):
    magic, version, size, _loudness, _x, _y, address, data, name = PACKET.unpack(raw)
    assert (magic, version) == (b"SAIR", VERSION)
    data = data[:size]
    return Packet(when, name.rstrip(b"\0").decode(), address, data, data[3:].hex())


def encode(data, name="stranger", size=None):
    return PACKET.pack(b"SAIR", VERSION, len(data) if size is None else size, TX_CAL_DBM, 0, 0,
                       secrets.token_bytes(6), data, name.encode())


def service_data(realm, token=None, flags=OPEN):
    """13 bytes as a daemon sends them; with a random token unless one is given."""
    return struct.pack("<BBb10s", flags, realm, TX_CAL_DBM, token or secrets.token_bytes(10))


class Ear:
    """Listens from its making until close()."""

    def __init__(self, folder):
        self.folder, self.packets = folder, []
        self.path = os.path.join(folder, "r-" + secrets.token_hex(8))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(self.path)
        self.closed = False
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while True:
            raw, extra, _, _ = self.socket.recvmsg(PACKET.size + 1,
                                                   socket.CMSG_SPACE(TIMESPEC.size))
            if self.closed:
                return
            seconds, nanoseconds = TIMESPEC.unpack(extra[0][2])
            age = time.time() - (seconds + nanoseconds / 1e9)
            self.packets.append(decode(raw, time.monotonic() - age))

    def close(self):
        self.closed = True
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"end", self.path)
        self.thread.join()
        self.socket.close()
        os.unlink(self.path)

    def heard(self, name=None, since=0.0):
        return [packet for packet in list(self.packets)
                if packet.time >= since and name in (None, packet.name)]

    def tokens(self, name):
        """The different tokens of that name, in the order they were first heard."""
        return list(dict.fromkeys(packet.token for packet in self.heard(name)))

    def mark(self):
        """What is sent from now on comes after this, in the order the kernel keeps: see after()."""
        name = "mark-" + secrets.token_hex(4)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
            mouth.sendto(encode(b"", name), self.path)
        return name

    def after(self, mark, name):
        """The packets of that name after the mark, once that has been heard itself."""
        packets = list(self.packets)
        names = [packet.name for packet in packets]
        return [packet for packet in packets[names.index(mark):]
                if packet.name == name] if mark in names else []

    def say(self, raw):
        """Sends this to every radio that listens."""
        for entry in os.listdir(self.folder):
            path = os.path.join(self.folder, entry)
            if entry.startswith("r-") and path != self.path:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
                    try:
                        mouth.sendto(raw, path)
                    except (ConnectionRefusedError, FileNotFoundError):
                        pass
