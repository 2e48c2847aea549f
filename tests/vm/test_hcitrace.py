# SPDX-License-Identifier: GPL-2.0-or-later
"""hcitrace against small traces written here, packet by packet."""
import struct

import pytest

import hcitrace

PUBLIC = "00:AA:01:00:00:07"
NRPA = "3A:11:22:33:44:55"
NRPA_2 = "0B:11:22:33:44:55"
RPA = "7A:11:22:33:44:55"
STATIC = "FA:11:22:33:44:55"
PAYLOAD = bytes([30, 0x21]) + bytes(range(29))
OTHER = bytes([30, 0x21]) + bytes(range(100, 129))


def raw(address):
    return bytes.fromhex(address.replace(":", ""))[::-1]


class Writer:
    """Writes a trace; every packet comes a second after the one before."""

    def __init__(self, path):
        self.path, self.time = path, 1_800_000_000.0
        with open(path, "wb") as f:
            f.write(b"btsnoop\0" + struct.pack(">II", 1, 2001))

    def record(self, index, opcode, payload, cut=None):
        self.time += 1
        stamp = int((self.time - 946684800) * 1e6) + 0x00E03AB44A676000
        with open(self.path, "ab") as f:
            whole = struct.pack(">IIIIQ", len(payload), len(payload), index << 16 | opcode, 0, stamp) + payload
            f.write(whole[:cut])
        return self.time

    def plug(self, index, address=PUBLIC):
        self.record(index, 0, bytes(2) + raw(address) + b"hci%d\0\0\0\0" % index)

    def send(self, index, opcode, parameters=b""):
        return self.record(index, 2, struct.pack("<HB", opcode, len(parameters)) + parameters)

    def answer(self, index, opcode, status=0, rest=b""):
        body = struct.pack("<BHB", 1, opcode, status) + rest
        return self.record(index, 3, bytes([0x0e, len(body)]) + body)

    def command(self, index, opcode, parameters=b"", status=0):
        self.send(index, opcode, parameters)
        return self.answer(index, opcode, status)

    def meta(self, index, body):
        return self.record(index, 3, bytes([0x3e, len(body)]) + body)

    def legacy(self, index, data=PAYLOAD, own=1, pdu=3, address=NRPA):
        self.command(index, 0x2005, raw(address))
        self.command(index, 0x2006, struct.pack("<HHBB", 160, 240, pdu, own) + bytes(9))
        self.command(index, 0x2008, bytes([len(data)]) + data.ljust(31, b"\0"))
        return self.command(index, 0x200a, b"\1")

    def extended(self, index, handle=1, data=PAYLOAD, own=1, properties=0x10, address=NRPA):
        self.command(index, 0x2036, struct.pack("<BH", handle, properties) +
                     bytes([160, 0, 0, 240, 0, 0, 7, own]) + bytes(14))
        self.command(index, 0x2035, bytes([handle]) + raw(address))
        self.command(index, 0x2037, bytes([handle, 3, 1, len(data)]) + data)
        return self.command(index, 0x2039, bytes([1, 1, handle, 0, 0, 0]))

    def read(self):
        return hcitrace.read(self.path)


@pytest.fixture
def trace(tmp_path):
    w = Writer(str(tmp_path / "hci.btsnoop"))
    w.plug(0)
    return w


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "other"
    path.write_bytes(b"not a trace, but long enough to be one")
    with pytest.raises(hcitrace.TraceError):
        hcitrace.read(str(path))


def test_hci_only_format_is_refused(tmp_path):
    path = tmp_path / "other"
    path.write_bytes(b"btsnoop\0" + struct.pack(">II", 1, 1002))
    with pytest.raises(hcitrace.TraceError):
        hcitrace.read(str(path))


def test_an_adapter_without_commands_is_silent(trace):
    assert trace.read().on_air_intervals(0) == []
    assert trace.read().reports(7) == []


@pytest.mark.parametrize("begin", ["legacy", "extended"])
def test_advertising_is_told_from_enable_to_disable(trace, begin):
    start = getattr(trace, begin)(0)
    disable = (0x200a, b"\0") if begin == "legacy" else (0x2039, bytes([0, 1, 1, 0, 0, 0]))
    end = trace.command(0, *disable)
    interval, = trace.read().on_air_intervals(0)
    assert (interval.start, interval.end) == pytest.approx((start, end), abs=1e-3)
    assert interval.data == PAYLOAD.hex()
    assert (interval.address, interval.address_kind) == (NRPA, "nonresolvable")
    assert interval.pdu == "ADV_NONCONN_IND"
    assert not interval.connectable and not interval.scannable
    assert (interval.interval_min_ms, interval.interval_max_ms) == (100, 150)
    assert interval.handle == (None if begin == "legacy" else 1)


@pytest.mark.parametrize("begin", ["legacy", "extended"])
@pytest.mark.parametrize("own, address, told, kind", [
    (0, NRPA, PUBLIC, "public"), (1, RPA, RPA, "resolvable"), (1, STATIC, STATIC, "static"),
    (1, NRPA, NRPA, "nonresolvable"), (3, NRPA, "", "resolvable")])
def test_address_kinds(trace, begin, own, address, told, kind):
    getattr(trace, begin)(0, own=own, address=address)
    interval, = trace.read().on_air_intervals(0)
    assert (interval.address, interval.address_kind) == (told, kind)


def test_the_public_address_is_learnt_from_its_reading(trace):
    trace.plug(1, "00:00:00:00:00:00")
    trace.send(1, 0x1009)
    trace.answer(1, 0x1009, rest=raw("00:AA:01:00:00:09"))
    trace.legacy(1, own=0)
    assert trace.read().on_air_intervals(1)[0].address == "00:AA:01:00:00:09"


def test_connectable_advertising_is_told(trace):
    trace.legacy(0, pdu=0)
    trace.extended(0, properties=0x13)
    intervals = trace.read().on_air_intervals(0)
    assert [(i.connectable, i.scannable, i.pdu) for i in intervals] == [(True, True, "ADV_IND")] * 2


def test_a_refused_command_changes_nothing(trace):
    trace.command(0, 0x200a, b"\1", status=0x0c)
    trace.legacy(0)
    trace.command(0, 0x2005, raw(NRPA_2), status=0x0c)
    trace.command(0, 0x200a, b"\0", status=0x0c)
    interval, = trace.read().on_air_intervals(0)
    assert (interval.address, interval.end) == (NRPA, None)


def test_an_unanswered_command_changes_nothing(trace):
    trace.send(0, 0x2008, bytes([3, 2, 1, 6]).ljust(32, b"\0"))
    trace.send(0, 0x200a, b"\1")
    assert trace.read().on_air_intervals(0) == []


def test_an_unknown_command_counts_as_refused(trace):
    trace.send(0, 0x200a, b"\1")
    trace.record(0, 3, bytes([0x0f, 4]) + struct.pack("<BBH", 1, 1, 0x200a))
    trace.answer(0, 0x200a)
    assert trace.read().on_air_intervals(0) == []


def test_new_data_on_air_begins_a_new_interval(trace):
    trace.legacy(0)
    change = trace.command(0, 0x2008, bytes([31]) + OTHER)
    first, second = trace.read().on_air_intervals(0)
    assert (first.data, second.data) == (PAYLOAD.hex(), OTHER.hex())
    assert first.end == second.start == pytest.approx(change, abs=1e-3)


def test_data_written_before_enabling_are_not_on_air(trace):
    trace.command(0, 0x2008, bytes([31]) + OTHER)
    trace.legacy(0)
    assert [i.data for i in trace.read().on_air_intervals(0)] == [PAYLOAD.hex()]


def test_the_same_data_again_keep_the_interval(trace):
    trace.legacy(0)
    trace.command(0, 0x2008, bytes([31]) + PAYLOAD)
    assert len(trace.read().on_air_intervals(0)) == 1


def test_a_new_address_on_air_begins_a_new_interval(trace):
    trace.extended(0)
    trace.command(0, 0x2035, b"\1" + raw(NRPA_2))
    assert [i.address for i in trace.read().on_air_intervals(0)] == [NRPA, NRPA_2]


def test_sets_are_told_apart(trace):
    trace.extended(0, handle=1)
    trace.extended(0, handle=2, data=OTHER, address=NRPA_2)
    trace.command(0, 0x2039, bytes([0, 1, 1, 0, 0, 0]))
    left, = trace.read().on_air_now(0)
    assert (left.handle, left.data) == (2, OTHER.hex())


@pytest.mark.parametrize("opcode, parameters", [
    (0x2039, b"\0\0"), (0x203c, b"\1"), (0x203d, b""), (0x0c03, b"")])
def test_what_takes_a_set_off_the_air(trace, opcode, parameters):
    trace.extended(0)
    end = trace.command(0, opcode, parameters)
    interval, = trace.read().on_air_intervals(0)
    assert interval.end == pytest.approx(end, abs=1e-3)


def test_a_set_that_timed_out_is_off_the_air(trace):
    trace.extended(0)
    end = trace.meta(0, bytes([0x12, 0x3c, 1, 0, 0, 0]))
    interval, = trace.read().on_air_intervals(0)
    assert interval.end == pytest.approx(end, abs=1e-3)


def test_fragments_are_joined(trace):
    trace.command(0, 0x2036, struct.pack("<BH", 1, 0) + bytes(7) + b"\1" + bytes(14))
    trace.command(0, 0x2035, b"\1" + raw(NRPA))
    for operation, part in ((1, b"ab"), (0, b"cd"), (2, b"ef")):
        trace.command(0, 0x2037, bytes([1, operation, 1, len(part)]) + part)
    trace.command(0, 0x2039, bytes([1, 1, 1, 0, 0, 0]))
    interval, = trace.read().on_air_intervals(0)
    assert (interval.data, interval.pdu) == (b"abcdef".hex(), "EXTENDED")


@pytest.mark.parametrize("opcode", [hcitrace.DEL_INDEX, hcitrace.CLOSE_INDEX])
def test_an_adapter_that_goes_is_silent(trace, opcode):
    trace.legacy(0)
    end = trace.record(0, opcode, b"")
    interval, = trace.read().on_air_intervals(0)
    assert interval.end == pytest.approx(end, abs=1e-3)


def test_adapters_are_told_apart(trace):
    trace.plug(1)
    trace.legacy(0)
    trace.legacy(1, data=OTHER)
    told = trace.read()
    assert told.on_air_intervals(0)[0].data == PAYLOAD.hex()
    assert told.on_air_intervals(1)[0].data == OTHER.hex()


def test_what_is_on_air_at_a_time(trace):
    start = trace.legacy(0)
    end = trace.command(0, 0x200a, b"\0")
    told = trace.read()
    assert [len(told.on_air_at(0, t)) for t in (start - 0.1, start + 0.1, end + 0.1)] == [0, 1, 0]
    assert told.on_air_now(0) == []


def test_legacy_reports(trace):
    one = bytes([3, 1]) + raw(NRPA) + bytes([31]) + PAYLOAD + struct.pack("b", -71)
    two = bytes([4, 0]) + raw(PUBLIC) + b"\0" + struct.pack("b", 127)
    time = trace.meta(0, bytes([2, 2]) + one + two)
    first, second = trace.read().reports(0)
    assert first.time == pytest.approx(time, abs=1e-3)
    assert (first.address, first.address_kind, first.pdu) == (NRPA, "nonresolvable", "ADV_NONCONN_IND")
    assert (first.data, first.rssi_dbm, first.extended) == (PAYLOAD.hex(), -71, False)
    assert (second.address_kind, second.pdu, second.data, second.rssi_dbm) == ("public", "SCAN_RSP", "", None)


def test_extended_reports(trace):
    def one(kind, data, rssi):
        return (struct.pack("<HB", kind, 1) + raw(NRPA) + struct.pack("<BBBbbHB", 1, 0, 0xff, 127, rssi, 0, 0) +
                bytes(6) + bytes([len(data)]) + data)
    trace.meta(0, bytes([0x0d, 3]) + one(0x10, PAYLOAD, -80) + one(0x1b, b"", 127) + one(0, OTHER, -20))
    first, second, third = trace.read().reports(0)
    assert (first.pdu, first.data, first.rssi_dbm, first.extended) == ("ADV_NONCONN_IND", PAYLOAD.hex(), -80, True)
    assert (second.pdu, second.rssi_dbm) == ("SCAN_RSP", None)
    assert (third.pdu, third.data, third.rssi_dbm) == ("EXTENDED", OTHER.hex(), -20)


def test_a_record_cut_off_at_the_end_is_left_out(trace):
    trace.legacy(0)
    trace.send(0, 0x200a, b"\0")
    trace.record(0, 3, bytes([0x0e, 4, 1, 0x0a, 0x20, 0]), cut=27)
    interval, = trace.read().on_air_intervals(0)
    assert interval.end is None
