#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Emulated LE controllers on /dev/vhci whose radio can be told what to do.

It makes --count controllers that advertise at the interval asked for, scan
with window, interval and duplicate filter as told, and hear each other and any
number of made-up peers at a settable signal strength, spread and loss.
--kind says what they are:

  legacy       Bluetooth 4.2; dual mode as in a laptop, though nothing but
               set-up is done of BR/EDR
  extended     Bluetooth 5 with several advertising sets, dual mode too
  legacy-le, extended-le  the same, LE only

There are no connections.

Orders are lines sent to a datagram socket (--socket), for example with
  ble-controllers.py --tell 'rssi 0 1 -75 4'

  rssi FROM TO DBM [SIGMA]   FROM: controller number, peer name or *; TO: number or *
  loss FROM TO FRACTION      0 .. 1 of the events are not heard
  peer NAME ADDR HEX MS [DBM]  a made-up advertiser (non-connectable, random
                             address): advertising data HEX every MS ms
  unpeer NAME|*
  freeze N | thaw N          controller N stops answering the host
  unplug N                   controller N vanishes
  plug                       one more controller
  stats                      events sent and heard so far, on stdout
"""
import argparse
import heapq
import itertools
import os
import random
import selectors
import signal
import socket
import struct
import sys
import time

DEFAULT_DBM = -60
SLOT_S = 0.000625               # unit of HCI intervals
ADV_DELAY_S = 0.010             # random 0..10 ms after every advertising interval
LEGACY_DATA_MAX = 31            # bytes of advertising data in a legacy PDU
EXTENDED_DATA_MAX = 229         # what fits one extended advertising report
ADV_SETS_MAX = 4

OK = b"\0"
UNKNOWN_SET = b"\x42"
MEMORY_EXCEEDED = b"\x07"
DISALLOWED = b"\x0c"
INVALID = b"\x12"
ADVERTISING_TIMEOUT = 0x3c

# Properties of an advertising event, as in LE Set Extended Advertising Parameters.
CONNECTABLE, SCANNABLE, DIRECTED, LEGACY_PDU = 0x01, 0x02, 0x04, 0x10
LEGACY_PROPERTIES = {0: 0x13, 1: 0x1d, 2: 0x12, 3: 0x10, 4: 0x15}
LEGACY_REPORT = {0x13: 0, 0x1d: 1, 0x15: 1, 0x12: 2, 0x10: 3}
LEGACY_SCAN_RESPONSE = 4
SCAN_RESPONSE = 0x08            # bit of an extended report's event type


def command_bits(*octets):
    """The 64 octets of Supported Commands from (octet, bit mask) pairs."""
    bits = bytearray(64)
    for octet, mask in octets:
        bits[octet] |= mask
    return bytes(bits)


LEGACY_COMMANDS = ((5, 0xc0), (14, 0xb8), (15, 0x02), (25, 0xf7), (26, 0xcf), (27, 0x83), (28, 0x08))
EXTENDED_COMMANDS = ((36, 0xfe), (37, 0x63))
# What the host asks of BR/EDR while it sets a dual-mode controller up.
CLASSIC_ANSWERS = {
    0x080f: b"",                        # Write Default Link Policy
    0x0c05: b"",                        # Set Event Filter
    0x0c13: b"",                        # Write Local Name
    0x0c14: bytes(248),                 # Read Local Name
    0x0c16: b"",                        # Write Connection Accept Timeout
    0x0c18: b"",                        # Write Page Timeout
    0x0c1a: b"",                        # Write Scan Enable
    0x0c1c: b"",                        # Write Page Scan Activity
    0x0c20: b"",                        # Write Authentication Enable
    0x0c23: bytes(3),                   # Read Class of Device
    0x0c24: b"",                        # Write Class of Device
    0x0c25: bytes(2),                   # Read Voice Setting
    0x0c38: b"\1",                      # Read Number of Supported IAC
    0x0c39: b"\1\x33\x8b\x9e",         # Read Current IAC LAP: the general one
    0x0c3a: b"",                        # Write Current IAC LAP
    0x0c47: b"",                        # Write Page Scan Type
    0x0c6d: b"",                        # Write LE Host Supported
}
LEGACY_ONLY = {0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x200b, 0x200c}
EXTENDED_ONLY = {0x2035, 0x2036, 0x2037, 0x2038, 0x2039, 0x203a, 0x203b, 0x203c, 0x203d, 0x2041, 0x2042}


class Event:
    """One advertising event on the air."""

    def __init__(self, properties, address_type, address, data, response=b"", sid=0xff):
        self.properties, self.address_type, self.address = properties, address_type, address
        self.data, self.response, self.sid = data, response, sid

    def key(self):
        return self.address_type, self.address, self.sid


class Air:
    """What connects the controllers: signal strengths, losses, peers and a timer queue."""

    def __init__(self, kind):
        self.kind = kind
        self.controllers, self.peers, self.links, self.losses = {}, {}, {}, {}
        self.selector, self.timers, self.serial = selectors.DefaultSelector(), [], itertools.count()
        self.sent = self.heard = 0

    def after(self, delay, function):
        heapq.heappush(self.timers, (time.monotonic() + delay, next(self.serial), function))

    @staticmethod
    def look(table, sender, receiver, default):
        for key in ((sender, receiver), (sender, "*"), ("*", receiver), ("*", "*")):
            if key in table:
                return table[key]
        return default

    def emit(self, sender, event):
        self.sent += 1
        for controller in list(self.controllers.values()):
            receiver = str(controller.number)
            if receiver == sender or not controller.is_listening():
                continue
            if random.random() < self.look(self.losses, sender, receiver, 0):
                continue
            dbm, sigma = self.look(self.links, sender, receiver, (DEFAULT_DBM, 0))
            if sigma:
                dbm = random.gauss(dbm, sigma)
            self.heard += 1
            controller.hear(event, max(-127, min(20, round(dbm))))

    def peer_tick(self, name, peer):
        if self.peers.get(name) is peer:
            self.emit(name, peer["event"])
            self.after(peer["ms"] / 1000 + random.random() * ADV_DELAY_S, lambda: self.peer_tick(name, peer))

    def add_peer(self, name, address, data, ms, dbm=None):
        event = Event(LEGACY_PDU, 1, bytes.fromhex(address.replace(":", ""))[::-1], bytes.fromhex(data))
        if len(event.address) != 6 or len(event.data) > LEGACY_DATA_MAX:
            raise ValueError("an address has 6 bytes, advertising data at most 31")
        peer = self.peers[name] = dict(event=event, ms=float(ms))
        if dbm is not None:
            self.links[name, "*"] = (float(dbm), 0)
        self.after(random.random() * peer["ms"] / 1000, lambda: self.peer_tick(name, peer))

    def order(self, line):
        word, *args = line.split() or [""]
        if word == "rssi":
            self.links[args[0], args[1]] = (float(args[2]), float(args[3]) if len(args) > 3 else 0)
        elif word == "loss":
            self.losses[args[0], args[1]] = float(args[2])
        elif word == "peer":
            self.add_peer(*args)
        elif word == "unpeer":
            for name in (list(self.peers) if args[0] == "*" else args):
                self.peers.pop(name, None)
        elif word in ("freeze", "thaw"):
            self.controllers[int(args[0])].frozen = word == "freeze"
        elif word == "unplug":
            self.controllers.pop(int(args[0])).close()
        elif word == "plug":
            number = next(n for n in itertools.count() if n not in self.controllers)
            self.controllers[number] = Controller(self, number, self.kind)
        elif word == "stats":
            print("sent %d heard %d" % (self.sent, self.heard), flush=True)
        elif word:
            raise ValueError("unknown order " + word)

    def run(self):
        while True:
            wait = max(0, self.timers[0][0] - time.monotonic()) if self.timers else None
            for key, _ in self.selector.select(wait):
                key.data()
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                heapq.heappop(self.timers)[2]()


class AdvertisingSet:
    """What one advertiser sends; a legacy controller has one, without a handle."""

    def __init__(self, controller, handle=None):
        self.controller, self.handle = controller, handle
        self.properties, self.interval_s, self.own, self.sid = 0x13, 0x800 * SLOT_S, 0, 0
        self.random = None
        self.data = self.response = b""
        self.enabled, self.run = False, 0

    def start(self, duration_s=0):
        self.enabled = True
        self.run += 1
        run = self.run
        self.controller.air.after(random.random() * ADV_DELAY_S, lambda: self.tick(run))
        if duration_s:
            self.controller.air.after(duration_s, lambda: self.expire(run))

    def stop(self):
        self.enabled = False

    def tick(self, run):
        if not self.enabled or run != self.run:
            return
        own = self.own & 1
        controller = self.controller
        if not controller.frozen:
            address = (self.random or controller.random) if own else controller.public
            controller.air.emit(str(controller.number), Event(
                self.properties, own, address, self.data, self.response,
                0xff if self.properties & LEGACY_PDU else self.sid))
        controller.air.after(self.interval_s + random.random() * ADV_DELAY_S, lambda: self.tick(run))

    def expire(self, run):
        if self.enabled and run == self.run:
            self.stop()
            self.controller.event(0x3e, bytes([0x12, ADVERTISING_TIMEOUT, self.handle]) + struct.pack("<HB", 0, 0))


class Controller:
    """One controller: the host's commands on one side, the air on the other.

    Each command is a method named x and its opcode, which returns the
    parameters of its Command Complete event (None: success).
    """

    def __init__(self, air, number, kind):
        self.air, self.number, self.frozen = air, number, False
        self.extended, self.dual_mode = kind.startswith("extended"), not kind.endswith("-le")
        self.public = bytes([number, 0, 0, 1, 0xaa, 0])     # 00:AA:01:00:00:number
        self.reset()
        self.fd = os.open("/dev/vhci", os.O_RDWR | os.O_NONBLOCK)
        os.write(self.fd, b"\xff\x00")                      # vendor packet: primary controller
        air.selector.register(self.fd, selectors.EVENT_READ, self.readable)

    def reset(self):
        for one in getattr(self, "sets", {}).values():
            one.stop()
        self.family = None                                  # "legacy" or "extended", once used
        self.random = bytes(6)
        self.sets = {} if self.extended else {None: AdvertisingSet(self)}
        self.scanning = self.active = self.filtering = False
        self.scan_interval = self.scan_window = 16
        self.seen, self.scan_start = set(), 0

    def close(self):
        for one in self.sets.values():
            one.stop()
        self.scanning = False
        self.air.selector.unregister(self.fd)
        os.close(self.fd)

    def event(self, code, data):
        try:
            os.write(self.fd, bytes([4, code, len(data)]) + data)
        except OSError as error:
            print("controller %d: %s" % (self.number, error), file=sys.stderr)

    # -- radio

    def is_listening(self):
        if not self.scanning or self.frozen:
            return False
        phase = ((time.monotonic() - self.scan_start) / SLOT_S) % self.scan_interval
        return self.scan_window >= self.scan_interval or phase < self.scan_window

    def is_duplicate(self, key):
        if not self.filtering:
            return False
        if key in self.seen:
            return True
        self.seen.add(key)
        return False

    def hear(self, event, dbm):
        report = self.report_extended if self.extended else self.report_legacy
        if not self.extended and not event.properties & LEGACY_PDU:
            return
        if not self.is_duplicate((False, event.key())):
            report(event, False, event.data, dbm)
        if self.active and event.properties & SCANNABLE and not self.is_duplicate((True, event.key())):
            report(event, True, event.response, dbm)

    def report_legacy(self, event, is_response, data, dbm):
        kind = LEGACY_SCAN_RESPONSE if is_response else LEGACY_REPORT[event.properties]
        self.event(0x3e, bytes([2, 1, kind, event.address_type]) + event.address +
                   bytes([len(data)]) + data + struct.pack("b", dbm))

    def report_extended(self, event, is_response, data, dbm):
        kind = event.properties & 0x17 | (SCAN_RESPONSE if is_response else 0)
        self.event(0x3e, bytes([0x0d, 1]) + struct.pack("<HB", kind, event.address_type) + event.address +
                   struct.pack("<BBBbbHB", 1, 0 if kind & LEGACY_PDU else 1, event.sid, 127, dbm, 0, 0) +
                   bytes(6) + bytes([len(data)]) + data)

    # -- host

    def readable(self):
        try:
            packet = os.read(self.fd, 2048)
        except (BlockingIOError, InterruptedError):
            return
        if self.frozen or len(packet) < 4 or packet[0] != 1:
            return
        opcode, = struct.unpack_from("<H", packet, 1)
        handler = getattr(self, "x%04x" % opcode, None)
        if self.dual_mode and opcode in CLASSIC_ANSWERS:
            self.event(0x0e, struct.pack("<BH", 1, opcode) + OK + CLASSIC_ANSWERS[opcode])
            return
        if handler is None or (opcode in EXTENDED_ONLY and not self.extended):
            self.event(0x0f, struct.pack("<BBH", 1, 1, opcode))     # Command Status: unknown command
            return
        answer = DISALLOWED if self.is_of_other_family(opcode) else handler(packet[4:4 + packet[3]])
        self.event(0x0e, struct.pack("<BH", 1, opcode) + (OK if answer is None else answer))

    def is_of_other_family(self, opcode):
        """Whoever has used extended commands may not use legacy ones, and the other way round."""
        family = "legacy" if opcode in LEGACY_ONLY else "extended" if opcode in EXTENDED_ONLY else None
        if family and self.family is None:
            self.family = family
        return family is not None and family != self.family

    def x0c03(self, d): self.reset()
    def x0c01(self, d): pass                                        # Set Event Mask
    def x0c63(self, d): pass                                        # Set Event Mask Page 2

    def x1001(self, d):                                             # Read Local Version: 4.2 or 5.0
        version = 9 if self.extended else 8
        return OK + struct.pack("<BHBHH", version, 0, version, 63, 0)

    def x1002(self, d):                                             # Read Local Supported Commands
        return OK + command_bits(*LEGACY_COMMANDS, *(EXTENDED_COMMANDS if self.extended else ()))

    def x1003(self, d):                                             # Read Local Features: LE, BR/EDR or not
        return OK + bytes([0, 0, 0, 0, 0x40 if self.dual_mode else 0x60, 0, 0, 0])

    def x1005(self, d): return OK + struct.pack("<HBHH", 64, 0, 1, 0)       # Read Buffer Size
    def x1009(self, d): return OK + self.public                             # Read BD_ADDR
    def x2001(self, d): pass                                                # LE Set Event Mask
    def x2002(self, d): return OK + struct.pack("<HB", 64, 1)               # LE Read Buffer Size
    def x2003(self, d): return OK + bytes([0, 0x10 if self.extended else 0]) + bytes(6)     # LE features
    def x200f(self, d): return OK + b"\x10"                                 # LE Read Accept List Size
    def x2010(self, d): pass                                                # LE Clear Accept List
    def x2011(self, d): pass                                                # LE Add to Accept List
    def x2012(self, d): pass                                                # LE Remove from Accept List
    def x2018(self, d): return OK + os.urandom(8)                           # LE Rand
    def x201c(self, d): return OK + bytes([0xff, 0x01, 0, 0, 0, 0, 0, 0])   # LE Read Supported States

    def x2005(self, d):
        """LE Set Random Address; refused while it is in use, as real controllers do."""
        if self.scanning or (None in self.sets and self.sets[None].enabled):
            return DISALLOWED
        self.random = d[:6]

    # -- legacy advertising

    def x2006(self, d):                                             # LE Set Advertising Parameters
        one = self.sets[None]
        low, high, kind, own = struct.unpack_from("<HHBB", d)
        if one.enabled:
            return DISALLOWED
        if low > high or kind not in LEGACY_PROPERTIES:
            return INVALID
        one.interval_s, one.properties, one.own = (low + high) / 2 * SLOT_S, LEGACY_PROPERTIES[kind], own

    def x2007(self, d): return OK + b"\0"                           # LE Read Advertising Channel Tx Power

    def set_legacy_data(self, field, d):
        if not d or d[0] > LEGACY_DATA_MAX:
            return INVALID
        setattr(self.sets[None], field, d[1:1 + d[0]])

    def x2008(self, d): return self.set_legacy_data("data", d)      # LE Set Advertising Data
    def x2009(self, d): return self.set_legacy_data("response", d)  # LE Set Scan Response Data

    def x200a(self, d):                                             # LE Set Advertising Enable
        one = self.sets[None]
        if not d[0]:
            one.stop()
        elif one.own & 1 and self.random == bytes(6):
            return INVALID
        elif not one.enabled:
            one.start()

    # -- extended advertising

    def x2035(self, d):                                             # LE Set Advertising Set Random Address
        one = self.sets.get(d[0])
        if one is None:
            return UNKNOWN_SET
        if one.enabled and one.properties & CONNECTABLE:
            return DISALLOWED
        one.random = d[1:7]

    def x2036(self, d):                                             # LE Set Extended Advertising Parameters
        handle, properties = struct.unpack_from("<BH", d)
        low, high = (int.from_bytes(d[at:at + 3], "little") for at in (3, 6))
        if properties & LEGACY_PDU and properties not in LEGACY_REPORT:
            return INVALID + b"\0"
        if low > high or (not properties & LEGACY_PDU and properties & 3 == 3):
            return INVALID + b"\0"
        if handle not in self.sets and len(self.sets) >= ADV_SETS_MAX:
            return MEMORY_EXCEEDED + b"\0"
        one = self.sets.setdefault(handle, AdvertisingSet(self, handle))
        if one.enabled:
            return DISALLOWED + b"\0"
        one.properties, one.interval_s, one.own = properties, (low + high) / 2 * SLOT_S, d[10]
        one.sid = d[23]
        return OK + b"\0"                                           # selected transmit power, dBm

    def set_extended_data(self, field, d):
        handle, operation, _, length = struct.unpack_from("<BBBB", d)
        one = self.sets.get(handle)
        if one is None:
            return UNKNOWN_SET
        if operation == 4 and one.enabled:                          # unchanged data, new identifier
            return OK
        if operation != 3 and one.enabled:
            return DISALLOWED
        if operation > 3 or (operation != 3 and one.properties & LEGACY_PDU):
            return INVALID
        data = (b"" if operation in (1, 3) else getattr(one, field)) + d[4:4 + length]
        if len(data) > (LEGACY_DATA_MAX if one.properties & LEGACY_PDU else EXTENDED_DATA_MAX):
            return INVALID
        setattr(one, field, data)

    def x2037(self, d): return self.set_extended_data("data", d)            # Set Extended Advertising Data
    def x2038(self, d): return self.set_extended_data("response", d)        # Set Extended Scan Response Data

    def x2039(self, d):                                             # LE Set Extended Advertising Enable
        wanted = [struct.unpack_from("<BHB", d, 2 + 4 * i) for i in range(d[1])]
        if any(handle not in self.sets for handle, _, _ in wanted):
            return UNKNOWN_SET
        if not d[0]:
            for handle in [w[0] for w in wanted] or list(self.sets):
                self.sets[handle].stop()
            return OK
        if not wanted or any(self.sets[h].own & 1 and self.sets[h].random is None for h, _, _ in wanted):
            return INVALID
        for handle, duration, _ in wanted:
            self.sets[handle].start(duration / 100)                 # units of 10 ms

    def x203a(self, d): return OK + struct.pack("<H", EXTENDED_DATA_MAX)    # Read Maximum Advertising Data Length
    def x203b(self, d): return OK + bytes([ADV_SETS_MAX])                   # Read Number of Supported Sets

    def x203c(self, d):                                             # LE Remove Advertising Set
        if d[0] not in self.sets:
            return UNKNOWN_SET
        if self.sets[d[0]].enabled:
            return DISALLOWED
        del self.sets[d[0]]

    def x203d(self, d):                                             # LE Clear Advertising Sets
        if any(one.enabled for one in self.sets.values()):
            return DISALLOWED
        self.sets.clear()

    # -- scanning

    def set_scan(self, active, interval, window):
        if self.scanning:
            return DISALLOWED
        if not interval or window > interval:
            return INVALID
        self.active, self.scan_interval, self.scan_window = bool(active), interval, window

    def enable_scan(self, enable, duplicates):
        self.scanning, self.filtering = bool(enable), bool(duplicates)
        self.seen, self.scan_start = set(), time.monotonic()

    def x200b(self, d): return self.set_scan(*struct.unpack_from("<BHH", d))    # LE Set Scan Parameters
    def x200c(self, d): self.enable_scan(d[0], d[1])                            # LE Set Scan Enable

    def x2041(self, d):
        """LE Set Extended Scan Parameters; what it says of the first PHY holds for all."""
        return self.set_scan(*struct.unpack_from("<BHH", d, 3)) if d[2] else INVALID

    def x2042(self, d): self.enable_scan(d[0], d[1])                # LE Set Extended Scan Enable


def tell(path, orders):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        for order in orders:
            s.sendto(order.encode(), path)


def serve(path, count, kind, orders):
    if os.path.exists(path):
        os.unlink(path)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    air = Air(kind)

    def take_orders():
        for line in s.recv(65536).decode().splitlines():
            try:
                air.order(line)
            except (ValueError, KeyError, IndexError, TypeError) as error:
                print("order %r: %r" % (line, error), file=sys.stderr, flush=True)
    air.selector.register(s, selectors.EVENT_READ, take_orders)
    for order in list(orders) + ["plug"] * count:
        air.order(order)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    air.run()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("-n", "--count", type=int, default=2)
    p.add_argument("--kind", choices=["legacy", "extended", "legacy-le", "extended-le"], default="legacy")
    p.add_argument("--socket", default="/run/ble-controllers")
    p.add_argument("--tell", metavar="ORDER", action="append", help="send an order to a running one")
    p.add_argument("--order", metavar="ORDER", action="append", default=[], help="an order to begin with")
    a = p.parse_args()
    if a.tell:
        tell(a.socket, a.tell)
    else:
        serve(a.socket, a.count, a.kind, a.order)


if __name__ == "__main__":
    main()
