# SPDX-License-Identifier: GPL-2.0-or-later
"""What was really on the air, read from an HCI trace.

`btmon -w FILE` records every HCI packet of every adapter. This module replays
the commands that steer advertising, each applied at the moment the controller
reported its success, so that a test can ask what an adapter advertised, from
which address, from when till when; and what another adapter heard.

    trace = hcitrace.read("/vm/out/hci.btsnoop")
    for on_air in trace.on_air_intervals(0):
        print(on_air.start, on_air.end, on_air.data, on_air.address_kind)
    for report in trace.reports(1):
        print(report.time, report.address, report.rssi_dbm, report.data)
    for scan in trace.scans(1):
        print(scan.start, scan.end, scan.active, scan.address_kind)
    follower = hcitrace.Follower(path)              # for many looks at a trace that grows
    follower.update().on_air_now(0)

Times are Unix seconds of the machine that traced. Data are lower-case hex,
addresses upper-case with colons. A trace may be read while it is still being
written; a record cut off at its end is left out.
"""
import struct
from dataclasses import dataclass
from typing import Optional

MAGIC = b"btsnoop\0"
MONITOR_FORMAT = 2001
EPOCH_2000_S = 946684800
EPOCH_2000_US = 0x00E03AB44A676000          # microseconds from the year 0 to 2000

# Monitor opcodes
NEW_INDEX, DEL_INDEX, COMMAND, EVENT = 0, 1, 2, 3
CLOSE_INDEX, INDEX_INFO = 9, 10

# HCI events
COMMAND_COMPLETE, COMMAND_STATUS, LE_META = 0x0e, 0x0f, 0x3e
LEGACY_REPORT, EXTENDED_REPORT, SET_TERMINATED = 0x02, 0x0d, 0x12

# Properties of an advertising event, and the legacy PDU types they stand for
CONNECTABLE, SCANNABLE, LEGACY_PDU, SCAN_RESPONSE = 0x01, 0x02, 0x10, 0x08
PDU_PROPERTIES = {0: 0x13, 1: 0x1d, 2: 0x12, 3: 0x10, 4: 0x15}
PDU_NAMES = {0x13: "ADV_IND", 0x1d: "ADV_DIRECT_IND", 0x15: "ADV_DIRECT_IND",
             0x12: "ADV_SCAN_IND", 0x10: "ADV_NONCONN_IND"}

RSSI_UNKNOWN = 127


class TraceError(Exception):
    """The file is not an HCI trace of the monitor format."""


@dataclass(frozen=True)
class Record:
    """One record of the trace: a packet, or an adapter that came or went."""

    time: float
    index: int
    opcode: int
    payload: bytes


@dataclass
class OnAir:
    """One thing on the air, unchanged, from `start` until `end` (None: to the end of the trace)."""

    start: float
    end: Optional[float]
    data: str                   # advertising data
    response: str               # scan response data
    address: str                # empty if the controller made it up by itself
    address_kind: str           # public, static, resolvable, nonresolvable
    pdu: str                    # ADV_NONCONN_IND, ..., or EXTENDED
    connectable: bool
    scannable: bool
    interval_min_ms: float      # the controller chooses one between
    interval_max_ms: float
    handle: Optional[int]       # of the advertising set; None for legacy commands


@dataclass
class Scan:
    """An adapter listened, unchanged, from `start` until `end` (None: to the end of the trace)."""

    start: float
    end: Optional[float]
    active: bool                # it asks scannable advertisers, from this address
    address: str
    address_kind: str
    filtering: bool             # duplicates are left out


@dataclass(frozen=True)
class Report:
    """One advertising report that an adapter gave to its host."""

    time: float
    address: str
    address_kind: str
    pdu: str
    data: str
    rssi_dbm: Optional[int]     # None: unknown
    extended: bool              # told by the extended event


def format_address(raw):
    return ":".join("%02X" % byte for byte in reversed(raw))


def kind_of_address(address_type, raw):
    """What an address on air tells; address_type 0 and 2 are public, 1 and 3 random."""
    if not address_type & 1:
        return "public"
    return ("nonresolvable", "resolvable", "reserved", "static")[raw[5] >> 6]


def check_head(path, content):
    if content[:8] != MAGIC or len(content) < 16:
        raise TraceError("%s is not a btsnoop file" % path)
    version, kind = struct.unpack_from(">II", content, 8)
    if (version, kind) != (1, MONITOR_FORMAT):
        raise TraceError("%s is of type %d, not of the monitor format" % (path, kind))


class Follower:
    """Reads on where it stopped: for a trace that is still being written."""

    def __init__(self, path):
        self.path, self.at, self.trace = path, 0, Trace([])

    def records(self):
        with open(self.path, "rb") as f:
            f.seek(self.at)
            content = f.read()
        at = 0
        if self.at == 0:
            check_head(self.path, content)
            at = 16
        while at + 24 <= len(content):
            _, size, flags, _, stamp = struct.unpack_from(">IIIIQ", content, at)
            if at + 24 + size > len(content):
                break
            time = (stamp - EPOCH_2000_US) / 1e6 + EPOCH_2000_S
            yield Record(time, flags >> 16, flags & 0xffff, content[at + 24:at + 24 + size])
            at += 24 + size
        self.at += at

    def update(self):
        """The Trace as far as it is written now; the same object each time."""
        self.trace.extend(self.records())
        return self.trace


def read_records(path):
    """The records of the btsnoop file, in its order."""
    return Follower(path).records()


class _Set:
    """An advertising set, or the one advertiser of the legacy commands (handle None)."""

    def __init__(self, handle):
        self.handle = handle
        self.properties, self.own, self.random = 0x13, 0, None
        self.interval_min = self.interval_max = 0x800       # in units of 0.625 ms
        self.data = self.response = b""
        self.pending = {"data": b"", "response": b""}
        self.enabled = False

    def append(self, field, operation, data):
        """Fragments arrive first (1), in between (0) and last (2); 3 is all at once, 4 is unchanged."""
        if operation == 4:
            return
        whole = (b"" if operation in (1, 3) else self.pending[field]) + data
        self.pending[field] = whole
        if operation in (2, 3):
            setattr(self, field, whole)


class _Adapter:
    """The advertising state of one adapter, driven by its commands and events."""

    def __init__(self, index):
        self.index, self.public = index, b""
        self.commands = []              # (opcode, parameters) without an answer yet
        self.history, self.heard, self.scans = [], [], []
        self.scan = self.asking = None  # the Scan that runs; (active, own address type) of the next
        self.forget()

    def forget(self):
        self.random = bytes(6)
        self.sets = {None: _Set(None)}
        self.live = {}                  # handle -> OnAir that has not ended

    def describe(self, one, time):
        if one.own in (2, 3):           # the controller resolves and makes the address
            address, kind = "", "resolvable"
        elif one.own == 0:
            address, kind = format_address(self.public), "public"
        else:
            raw = one.random if one.handle is not None and one.random else self.random
            address, kind = format_address(raw), kind_of_address(1, raw)
        return OnAir(time, None, one.data.hex(), one.response.hex(), address, kind,
                     PDU_NAMES.get(one.properties, "EXTENDED"), bool(one.properties & CONNECTABLE),
                     bool(one.properties & SCANNABLE), one.interval_min * 0.625, one.interval_max * 0.625,
                     one.handle)

    def update(self, time):
        """Ends and begins intervals so that they agree with the sets as they are now."""
        for handle in list(self.live):
            if handle not in self.sets or not self.sets[handle].enabled:
                self.live.pop(handle).end = time
        for handle, one in self.sets.items():
            if not one.enabled:
                continue
            now, before = self.describe(one, time), self.live.get(handle)
            if before is not None:
                if all(getattr(now, f) == getattr(before, f) for f in vars(now) if f not in ("start", "end")):
                    continue
                before.end = time
            self.live[handle] = now
            self.history.append(now)

    def silence(self, time):
        """The controller was reset, closed or removed."""
        for on_air in self.live.values():
            on_air.end = time
        self.end_scan(time)
        self.commands.clear()
        self.forget()

    # -- packets

    def take_command(self, payload):
        opcode, size = struct.unpack_from("<HB", payload)
        self.commands.append((opcode, payload[3:3 + size]))

    def take_answer(self, time, opcode, answer):
        for position, (asked, parameters) in enumerate(self.commands):
            if asked == opcode:
                del self.commands[position]
                break
        else:
            return
        if not answer or answer[0] != 0:
            return
        if opcode == 0x0c03:
            self.silence(time)
            return
        apply = getattr(self, "apply_%04x" % opcode, None)
        if apply is not None:
            apply(parameters, answer)
            self.update(time)
        if opcode in (0x200c, 0x2042):                  # LE Set (Extended) Scan Enable
            self.enable_scan(time, parameters[0], parameters[1])

    def take_event(self, time, payload):
        code, body = payload[0], payload[2:]
        if code == COMMAND_COMPLETE and len(body) >= 3:
            self.take_answer(time, struct.unpack_from("<H", body, 1)[0], body[3:])
        elif code == COMMAND_STATUS and len(body) >= 4:
            self.take_answer(time, struct.unpack_from("<H", body, 2)[0], body[:1])
        elif code == LE_META and body:
            self.take_meta(time, body[0], body[1:])

    def take_meta(self, time, subevent, body):
        if subevent == LEGACY_REPORT:
            self.take_legacy_reports(time, body)
        elif subevent == EXTENDED_REPORT:
            self.take_extended_reports(time, body)
        elif subevent == SET_TERMINATED and body[1] in self.sets:
            self.sets[body[1]].enabled = False
            self.update(time)

    def take_legacy_reports(self, time, body):
        at = 1
        for _ in range(body[0]):
            kind, address_type = body[at], body[at + 1]
            raw, size = body[at + 2:at + 8], body[at + 8]
            data = body[at + 9:at + 9 + size]
            rssi, = struct.unpack_from("b", body, at + 9 + size)
            pdu = "SCAN_RSP" if kind == 4 else PDU_NAMES[PDU_PROPERTIES[kind]]
            self.add_report(time, raw, address_type, pdu, data, rssi, False)
            at += 10 + size

    def take_extended_reports(self, time, body):
        at = 1
        for _ in range(body[0]):
            kind, address_type = struct.unpack_from("<HB", body, at)
            raw, size = body[at + 3:at + 9], body[at + 23]
            rssi, = struct.unpack_from("b", body, at + 13)
            data = body[at + 24:at + 24 + size]
            pdu = "SCAN_RSP" if kind & SCAN_RESPONSE else PDU_NAMES.get(kind & 0x1f, "EXTENDED")
            self.add_report(time, raw, address_type, pdu, data, rssi, True)
            at += 24 + size

    def add_report(self, time, raw, address_type, pdu, data, rssi, extended):
        self.heard.append(Report(time, format_address(raw), kind_of_address(address_type, raw), pdu, data.hex(),
                                 None if rssi == RSSI_UNKNOWN else rssi, extended))

    def end_scan(self, time):
        if self.scan is not None:
            self.scan.end, self.scan = time, None

    def enable_scan(self, time, enable, filtering):
        self.end_scan(time)
        if not enable:
            return
        active, own = self.asking or (False, 0)
        raw, kind = (self.random, kind_of_address(1, self.random)) if own & 1 else (self.public, "public")
        self.scan = Scan(time, None, active, format_address(raw), kind, bool(filtering))
        self.scans.append(self.scan)

    # -- commands that succeeded: their parameters, the answer from its status on

    def apply_1009(self, _, answer):                    # Read BD_ADDR
        self.public = answer[1:7]

    def apply_2005(self, d, _):                         # LE Set Random Address
        self.random = d[:6]

    def apply_2006(self, d, _):                         # LE Set Advertising Parameters
        one = self.sets[None]
        one.interval_min, one.interval_max = struct.unpack_from("<HH", d)
        one.properties, one.own = PDU_PROPERTIES.get(d[4], 0), d[5]

    def apply_2008(self, d, _):                         # LE Set Advertising Data
        self.sets[None].data = d[1:1 + d[0]]

    def apply_2009(self, d, _):                         # LE Set Scan Response Data
        self.sets[None].response = d[1:1 + d[0]]

    def apply_200a(self, d, _):                         # LE Set Advertising Enable
        self.sets[None].enabled = bool(d[0])

    def apply_200b(self, d, _):                         # LE Set Scan Parameters
        self.asking = bool(d[0]), d[5]

    def apply_2041(self, d, _):                         # LE Set Extended Scan Parameters
        self.asking = bool(d[3]), d[0]

    def apply_2035(self, d, _):                         # LE Set Advertising Set Random Address
        self.sets.setdefault(d[0], _Set(d[0])).random = d[1:7]

    def apply_2036(self, d, _):                         # LE Set Extended Advertising Parameters
        one = self.sets.setdefault(d[0], _Set(d[0]))
        one.properties, = struct.unpack_from("<H", d, 1)
        one.interval_min, one.interval_max = (int.from_bytes(d[at:at + 3], "little") for at in (3, 6))
        one.own = d[10]

    def apply_2037(self, d, _):                         # LE Set Extended Advertising Data
        self.sets.setdefault(d[0], _Set(d[0])).append("data", d[1], d[4:4 + d[3]])

    def apply_2038(self, d, _):                         # LE Set Extended Scan Response Data
        self.sets.setdefault(d[0], _Set(d[0])).append("response", d[1], d[4:4 + d[3]])

    def apply_2039(self, d, _):                         # LE Set Extended Advertising Enable
        handles = [d[2 + 4 * i] for i in range(d[1])]
        if not handles:                                 # enable 0 without a set: all of them
            handles = [h for h in self.sets if h is not None]
        for handle in handles:
            self.sets.setdefault(handle, _Set(handle)).enabled = bool(d[0])

    def apply_203c(self, d, _):                         # LE Remove Advertising Set
        self.sets.pop(d[0], None)

    def apply_203d(self, _, __):                        # LE Clear Advertising Sets
        self.sets = {None: self.sets[None]}


class Trace:
    """The adapters' stories, told by the records of a trace."""

    def __init__(self, records):
        self._adapters, self.last_time = {}, 0.0
        self.extend(records)

    def extend(self, records):
        """Takes what came after."""
        for record in records:
            self.last_time = record.time
            self._take(record)

    def _take(self, record):
        adapter = self._adapters.setdefault(record.index, _Adapter(record.index))
        if record.opcode in (NEW_INDEX, INDEX_INFO):
            raw = record.payload[2:8] if record.opcode == NEW_INDEX else record.payload[:6]
            adapter.public = raw if any(raw) else adapter.public
        elif record.opcode in (DEL_INDEX, CLOSE_INDEX):
            adapter.silence(record.time)
        elif record.opcode == COMMAND and len(record.payload) >= 3:
            adapter.take_command(record.payload)
        elif record.opcode == EVENT and len(record.payload) >= 2:
            adapter.take_event(record.time, record.payload)

    @property
    def indexes(self):
        """The adapters that the trace tells of."""
        return sorted(self._adapters)

    def on_air_intervals(self, index):
        """What adapter `index` advertised: a list of OnAir by their start."""
        adapter = self._adapters.get(index)
        return list(adapter.history) if adapter else []

    def on_air_at(self, index, time):
        """What adapter `index` advertised at that time."""
        return [o for o in self.on_air_intervals(index)
                if o.start <= time and (o.end is None or time < o.end)]

    def on_air_now(self, index):
        """What adapter `index` still advertised when the trace was read."""
        return [o for o in self.on_air_intervals(index) if o.end is None]

    def reports(self, index):
        """What adapter `index` heard: a list of Report in the order they came."""
        adapter = self._adapters.get(index)
        return list(adapter.heard) if adapter else []

    def scans(self, index):
        """When adapter `index` listened: a list of Scan by their start."""
        adapter = self._adapters.get(index)
        return list(adapter.scans) if adapter else []


def read(path):
    """The trace in a btsnoop file; TraceError if it is none."""
    return Trace(read_records(path))


def on_air_intervals(path, index):
    return read(path).on_air_intervals(index)


def reports(path, index):
    return read(path).reports(index)
