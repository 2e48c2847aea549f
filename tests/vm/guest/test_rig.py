# SPDX-License-Identifier: GPL-2.0-or-later
"""The rig itself: what later tests take for granted, proved without our programs."""
import signal
import time

import pytest
from gi.repository import GLib

import bluez
from stack import ADAPTER, get_property, has_owner, wait_until

PAYLOAD = bytes([0x11, 0x35, 0xc5]) + bytes.fromhex("b4b57748198574854a05")
ON_AIR = "1e214a4548474953849e694c0e5bd2c1f7a31135c5b4b57748198574854a05"


@pytest.fixture
def advertise(stack):
    """Makes advertisements of hci0 that are gone when the test ends."""
    made = []

    def make(payload=PAYLOAD, **options):
        made.append(bluez.Advertisement(stack, stack.adapter_path(0), payload, **options))
        made[-1].register()
        return made[-1]
    yield make
    for advertisement in made:
        if advertisement.registration:
            advertisement.unregister()


@pytest.fixture
def scanner(stack):
    one = bluez.Scanner(stack, stack.adapter_path(1))
    one.start()
    yield one
    one.stop()


def only(on_air):
    one, = on_air
    return one


def wait_reports(stack, number, data):
    """What that adapter heard of these data; the trace may come a moment after bluetoothd's word."""
    return wait_until(lambda: [r for r in stack.trace().reports(number) if r.data == data], what="it in the trace")


def test_the_payload_helper_agrees_with_the_vector():
    assert bluez.on_air(PAYLOAD) == ON_AIR


def test_secondary_channels_tell_extended_controllers(stack):
    properties = stack.objects()[stack.adapter_path(0)]["org.bluez.LEAdvertisingManager1"]
    assert ("SupportedSecondaryChannels" in properties) == (stack.kind == "extended")


def test_a_broadcast_is_31_bytes_from_a_nonresolvable_address(stack, advertise):
    advertise()
    one = only(stack.wait_on_air(0))
    assert one.data == ON_AIR
    assert one.response == ""
    assert (one.pdu, one.connectable, one.scannable) == ("ADV_NONCONN_IND", False, False)
    assert one.address_kind == "nonresolvable"


def test_every_registration_has_a_new_address(stack, advertise):
    addresses = set()
    for _ in range(3):
        advertisement = advertise()
        addresses.add(only(stack.wait_on_air(0)).address)
        advertisement.unregister()
        stack.wait_on_air(0, lambda now: not now)
    assert len(addresses) == 3


def test_a_peripheral_shows_the_public_address(stack, advertise):
    advertise(payload=PAYLOAD[:10], kind="peripheral", uuid=bluez.FOREIGN_UUID)
    one = only(stack.wait_on_air(0))
    assert (one.address, one.address_kind, one.connectable) == ("00:AA:01:00:00:00", "public", True)


def test_the_other_adapter_hears_it_with_the_signal_strength_told(stack, advertise, scanner):
    stack.tell("rssi 0 1 -71")
    advertise()
    wait_until(lambda: scanner.heard(PAYLOAD), what="hci1 hears hci0")
    assert scanner.heard(PAYLOAD)[0].rssi == -71
    report = wait_reports(stack, 1, ON_AIR)[0]
    assert (report.rssi_dbm, report.extended) == (-71, stack.kind == "extended")
    assert report.address == only(stack.wait_on_air(0)).address


def test_what_is_lost_is_not_heard(stack, advertise, scanner):
    stack.tell("loss 0 1 1")
    witness, since = bluez.on_air(b"w" * 13), time.time()
    advertise()
    stack.tell("peer witness 3A:00:00:00:00:01 %s 100 -50" % witness)
    wait_until(lambda: scanner.heard(b"w" * 13), what="hci1 hears the witness")
    wait_reports(stack, 1, witness)
    reports = stack.trace().reports(1)
    stack.tell("unpeer witness")
    stack.tell("loss 0 1 0")
    assert not [r for r in reports if r.data == ON_AIR and r.time >= since]


def test_registering_while_the_same_adapter_scans(stack, advertise):
    """Extended controllers take it, legacy ones refuse a new address meanwhile."""
    own = bluez.Scanner(stack, stack.adapter_path(0))
    own.start()
    wait_until(lambda: get_property(stack.bus, "org.bluez", own.adapter, ADAPTER, "Discovering"))
    try:
        if stack.kind == "extended":
            advertise()
            assert only(stack.wait_on_air(0)).data == ON_AIR
        else:
            refused = bluez.Advertisement(stack, own.adapter, PAYLOAD)
            with pytest.raises(GLib.Error, match="org.bluez.Error.Failed"):
                refused.register()
            refused.forget()
            assert stack.trace().on_air_now(0) == []
    finally:
        own.stop()


def test_discoverable_puts_the_public_address_on_air(stack, advertise):
    advertisement = advertise(uuid=bluez.FOREIGN_UUID)
    stack.wait_on_air(0)
    stack.set_discoverable(0, True)
    foreign = bluez.on_air(PAYLOAD, bluez.FOREIGN_UUID)
    stack.wait_on_air(0, lambda now: any(o.address_kind == "public" and o.data == foreign for o in now))
    advertisement.unregister()
    stack.set_discoverable(0, False)
    # On extended controllers the kernel leaves an advertising set of its own on air.
    stack.set_powered(0, False)
    stack.set_powered(0, True)
    stack.wait_on_air(0, lambda now: not now)


def test_a_power_cycle_takes_it_off_the_air(stack, advertise):
    advertisement = advertise()
    first = only(stack.wait_on_air(0))
    stack.set_powered(0, False)
    stack.wait_on_air(0, lambda now: not now)
    stack.set_powered(0, True)
    advertisement.unregister()
    again = advertise()
    second = only(stack.wait_on_air(0))
    assert (second.data, second.address_kind) == (ON_AIR, "nonresolvable")
    assert second.address != first.address
    assert not again.released


def test_a_killed_bluetoothd_leaves_the_payload_on_air_until_it_returns(stack, advertise):
    advertisement = advertise()
    stack.wait_on_air(0)
    stack.stop_bluetoothd(signal.SIGKILL)
    advertisement.forget()
    wait_until(lambda: not has_owner(stack.bus, "org.bluez"))
    assert only(stack.wait_on_air(0)).data == ON_AIR
    stack.start_bluetoothd()
    stack.wait_on_air(0, lambda now: not now)


def test_a_controller_that_vanishes_is_off_the_air_and_comes_back(stack, advertise):
    advertisement = advertise()
    stack.wait_on_air(0)
    stack.tell("unplug 0")
    stack.wait_on_air(0, lambda now: not now)
    wait_until(lambda: advertisement.released, what="Release")
    advertisement.forget()
    stack.tell("plug")
    wait_until(lambda: stack.is_ready() and len(stack.adapters()) == 2, what="two adapters again")


def test_experimental_brings_the_monitor_interface(stack):
    def has_monitor():
        return "org.bluez.AdvertisementMonitorManager1" in stack.objects()[stack.adapter_path(0)]
    assert not has_monitor()
    stack.restart_bluetoothd(experimental=True)
    assert has_monitor()
    stack.restart_bluetoothd(experimental=False)


def test_privacy_in_the_configuration_gives_resolvable_addresses(stack, advertise):
    stack.restart_bluetoothd(main_conf="[General]\nPrivacy=device\n")
    advertisement = advertise()
    assert only(stack.wait_on_air(0)).address_kind == "resolvable"
    advertisement.unregister()
    stack.restart_bluetoothd()
