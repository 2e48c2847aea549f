# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge of the air against small traces with one thing wrong in each."""
import struct

import pytest

import aircheck
from aircheck import AirError, Moment
from test_hcitrace import NRPA, NRPA_2, PAYLOAD, RPA, STATIC, Writer, raw

OURS = bytes.fromhex(aircheck.AD_HEAD) + bytes(range(13))
WRITES = pytest.mark.parametrize("write", [Writer.legacy, Writer.extended], ids=["legacy", "extended"])


@pytest.fixture
def trace(tmp_path):
    w = Writer(str(tmp_path / "hci.btsnoop"))
    for index in range(2):
        w.plug(index, "00:AA:01:00:00:%02X" % index)
    return w


def complaint(trace, *moments):
    verdict = aircheck.judge(trace.read(), moments)
    with pytest.raises(AirError) as caught:
        verdict.check()
    assert len(verdict.violations) == 1
    return str(caught.value)


@WRITES
@pytest.mark.parametrize("address", [NRPA, RPA])
def test_our_31_bytes_from_a_private_address_are_fine(trace, write, address):
    write(trace, 1, data=OURS, address=address)
    verdict = aircheck.judge(trace.read())
    verdict.check()
    assert (verdict.advertisements, verdict.exposures_s) == (1, [])


@WRITES
def test_what_others_send_is_theirs(trace, write):
    write(trace, 0, data=PAYLOAD, own=0)
    verdict = aircheck.judge(trace.read())
    verdict.check()
    assert verdict.advertisements == 0


@WRITES
def test_the_public_address_of_any_adapter(trace, write):
    write(trace, 1, data=OURS, own=0)
    assert "hci1" in complaint(trace) and "public" in complaint(trace)


@WRITES
def test_an_address_that_stays(trace, write):
    write(trace, 0, data=OURS, address=STATIC)
    assert "static" in complaint(trace)


def test_a_32nd_byte(trace):
    trace.extended(0, data=OURS + b"x")
    verdict = aircheck.judge(trace.read())
    assert verdict.violations and "32 bytes" in verdict.violations[0]


def test_more_than_31_bytes_of_anything(trace):
    trace.extended(0, data=bytes(32))
    assert "32 bytes" in complaint(trace)


@WRITES
def test_fewer_bytes(trace, write):
    write(trace, 0, data=OURS[:30])
    assert "30 bytes" in complaint(trace)


@WRITES
def test_flags_in_front_of_ours(trace, write):
    write(trace, 0, data=b"\2\1\4" + OURS[:28])
    assert "not our structure" in complaint(trace)


def test_our_uuid_in_a_scan_response(trace):
    trace.legacy(0, data=PAYLOAD)
    trace.command(0, 0x2009, bytes([31]) + OURS)
    assert "not our structure" in complaint(trace)


def test_a_scan_response_behind_ours(trace):
    trace.command(0, 0x2009, bytes([3]) + b"\2\x0a\0" + bytes(28))
    trace.legacy(0, data=OURS)
    assert "scan response" in complaint(trace)


@pytest.mark.parametrize("pdu", [0, 2])
def test_what_can_be_connected_or_asked(trace, pdu):
    trace.legacy(0, data=OURS, pdu=pdu)
    assert "ADV_" in complaint(trace)


def test_it_was_on_air_for_an_instant_only(trace):
    trace.legacy(0, data=OURS, own=0)
    trace.command(0, 0x200a, b"\0")
    trace.legacy(0, data=OURS, address=NRPA_2)
    assert "public" in complaint(trace)


def expose(trace, seconds):
    """Shows the public address for so long; returns when it began."""
    began = trace.legacy(0, data=OURS, own=0)
    trace.time += seconds - 2           # the two packets of the next command
    trace.command(0, 0x200a, b"\0")
    return began


def test_a_moment_excuses_what_ends_in_time(trace):
    began = expose(trace, 1.5)
    verdict = aircheck.judge(trace.read(), [Moment(0, began - 0.25)])
    verdict.check()
    assert verdict.exposures_s == [pytest.approx(1.5)]
    assert "1500 ms at most" in str(verdict)


def test_a_moment_excuses_nothing_that_lasts(trace):
    began = expose(trace, 1.9)
    assert "public" in complaint(trace, Moment(0, began - 0.25))


@pytest.mark.parametrize("index,when", [(1, -0.25), (0, 0.25), (0, -10)])
def test_a_moment_excuses_its_adapter_and_no_other_time(trace, index, when):
    began = expose(trace, 1.5)
    assert "public" in complaint(trace, Moment(index, began + when))


def test_connectable_only_while_discoverable(trace):
    began = trace.legacy(0, data=OURS, pdu=0, address=RPA)
    end = trace.command(0, 0x200a, b"\0")
    aircheck.judge(trace.read(), [Moment(0, began - 5)]).check()
    aircheck.judge(trace.read(), [Moment(0, began - 5, end - 1)]).check()
    assert "ADV_IND" in complaint(trace, Moment(0, began - 5, began - 1))


def test_requests_from_the_public_address(trace):
    trace.command(0, 0x200b, struct.pack("<BHHBB", 1, 18, 18, 0, 0))
    trace.command(0, 0x200c, b"\1\1")
    assert "active scan" in complaint(trace)


def test_passive_scans_and_private_requests_are_fine(trace):
    trace.command(0, 0x200b, struct.pack("<BHHBB", 0, 18, 18, 0, 0))
    trace.command(0, 0x200c, b"\1\1")
    trace.command(1, 0x2005, raw(NRPA))
    trace.command(1, 0x2041, struct.pack("<BBB", 1, 0, 1) + struct.pack("<BHH", 1, 18, 18))
    trace.command(1, 0x2042, bytes([1, 1]) + bytes(4))
    verdict = aircheck.judge(trace.read())
    verdict.check()
    assert verdict.scans == 1


def test_verdicts_add_up(trace):
    trace.legacy(0, data=OURS)
    both = aircheck.Verdict()
    for _ in range(2):
        both.add(aircheck.judge(trace.read(), [Moment(0, 0)]))
    assert (both.advertisements, both.moments, both.violations) == (2, 2, [])
