# SPDX-License-Identifier: GPL-2.0-or-later
"""The fake BlueZ itself: that it behaves, and notes, as its head says."""
import pytest
from gi.repository import Gio, GLib

from fakebluez import FakeBluez, service_data

ADAPTER, ADVERTISING = "org.bluez.Adapter1", "org.bluez.LEAdvertisingManager1"
PROPERTIES = "org.freedesktop.DBus.Properties"
DATA = service_data(0x92, 1)
UUID = "a3f7c1d2-5b0e-4c69-9e84-53494748454a"
NODE = Gio.DBusNodeInfo.new_for_xml("""<node><interface name="org.bluez.LEAdvertisement1">
  <property name="Type" type="s" access="read"/>
  <property name="ServiceData" type="a{sv}" access="read"/>
  <property name="TxPower" type="n" access="write"/>
  <method name="Release"/>
</interface></node>""")


class Client:
    """One program on the fake's bus."""

    def __init__(self, bluez):
        self.bluez, self.connection = bluez, bluez.bus.connect()
        self.changes, self.errors, self.told, self.n_answers = [], [], [], 0
        self.connection.signal_subscribe("org.bluez", None, None, None, None, 0, self._on_signal)

    def _on_signal(self, _bus, _sender, path, _interface, signal, values):
        self.changes.append((signal, path, values.unpack()))

    def export(self, path, data=DATA, kind="broadcast"):
        values = {"Type": GLib.Variant("s", kind),
                  "ServiceData": GLib.Variant("a{sv}", {UUID: GLib.Variant(
                      "ay", bytes.fromhex(data))})}

        def on_set(_bus, _sender, _path, _interface, name, value):
            self.told.append((name, value.unpack()))
            return True

        def on_method(_bus, _sender, _path, _interface, method, _values, invocation):
            self.told.append((method, None))
            invocation.return_value(None)

        self.connection.register_object(path, NODE.interfaces[0], on_method,
                                        lambda _b, _s, _p, _i, name: values.get(name), on_set)

    def ask(self, method, signature=None, *arguments, interface=ADAPTER, path="/org/bluez/hci0"):
        """Does not wait."""
        def on_answer(connection, result):
            self.n_answers += 1
            try:
                connection.call_finish(result)
            except GLib.Error as error:
                self.errors.append(Gio.DBusError.get_remote_error(error))

        values = GLib.Variant(signature, arguments) if signature else None
        self.connection.call("org.bluez", path, interface, method, values, None, 0, 20000, None,
                             on_answer)

    def call(self, method, *rest, **options):
        """Waits for the answer: None, or the error's name."""
        n_errors, n_answers = len(self.errors), self.n_answers
        self.ask(method, *rest, **options)
        self.bluez.until(lambda: self.n_answers > n_answers, method)
        return self.errors[-1] if len(self.errors) > n_errors else None

    def register(self, path):
        return self.call("RegisterAdvertisement", "(oa{sv})", path, {}, interface=ADVERTISING)

    def unregister(self, path):
        return self.call("UnregisterAdvertisement", "(o)", path, interface=ADVERTISING)

    def scan(self):
        wanted = {"Transport": GLib.Variant("s", "le"), "DuplicateData": GLib.Variant("b", True)}
        assert self.call("SetDiscoveryFilter", "(a{sv})", wanted) is None
        assert self.call("StartDiscovery") is None

    def of_devices(self):
        return [change for change in self.changes
                if "/dev_" in change[1] or "/dev_" in str(change[2][0])]

    def wait_devices(self, n_changes):
        self.bluez.until(lambda: len(self.of_devices()) >= n_changes, f"{n_changes} changes")
        return self.of_devices()


@pytest.fixture
def bluez(run):
    return FakeBluez(run, adapters=("hci0 legacy",))


@pytest.fixture
def client(bluez):
    return Client(bluez)


def test_it_reads_the_object_before_it_answers_and_writes_the_power_after(bluez, client):
    client.export("/a")
    assert client.register("/a") is None
    bluez.until(lambda: client.told == [("TxPower", 7)], "the power was written")
    assert bluez.on_air() == [DATA]
    assert client.register("/a") == "org.bluez.Error.AlreadyExists"
    assert client.unregister("/a") is None
    assert client.unregister("/a") == "org.bluez.Error.DoesNotExist"
    assert [(event.on, event.data, event.public) for event in bluez.air()] \
        == [(True, DATA, False), (False, DATA, False)]
    assert [call.result for call in bluez.calls("RegisterAdvertisement")] \
        == ["ok", "org.bluez.Error.AlreadyExists"]
    bluez.assert_fair()


def test_it_judges_its_clients(bluez, client):
    client.export("/a", kind="peripheral")
    bluez.tell("hang RegisterAdvertisement")
    client.ask("RegisterAdvertisement", "(oa{sv})", "/a", {}, interface=ADVERTISING)
    client.ask("UnregisterAdvertisement", "(o)", "/a", interface=ADVERTISING)
    bluez.wait_calls("UnregisterAdvertisement", answered=True)
    bluez.tell("let RegisterAdvertisement")
    bluez.wait_calls("RegisterAdvertisement", answered=True)
    first, second = bluez.violations()
    assert "UnregisterAdvertisement while its RegisterAdvertisement" in first
    assert "peripheral" in second


def test_too_much_and_too_many_are_refused(bluez, client):
    bluez.tell("instances hci0 1")
    client.export("/long", data=DATA + "00")
    client.export("/a")
    client.export("/b")
    assert client.register("/long") == "org.bluez.Error.Failed"
    assert client.register("/a") is None
    assert client.register("/b") == "org.bluez.Error.NotPermitted"


def test_a_legacy_controller_does_not_advertise_while_anybody_scans(bluez, client):
    client.export("/a")
    bluez.tell("foreign-scan hci0 on")
    assert client.register("/a") == "org.bluez.Error.Failed"
    bluez.tell("foreign-scan hci0 off")
    assert client.register("/a") is None
    bluez.tell("adapter add hci1 extended")
    bluez.tell("foreign-scan hci1 on")
    assert client.call("RegisterAdvertisement", "(oa{sv})", "/a", {}, interface=ADVERTISING,
                       path="/org/bluez/hci1") is None


def test_faults_come_as_ordered(bluez, client):
    bluez.tell("fail StartDiscovery org.bluez.Error.NotReady 1")
    assert client.call("StartDiscovery") == "org.bluez.Error.NotReady"
    assert client.call("StartDiscovery") is None
    assert client.call("StartDiscovery") == "org.bluez.Error.InProgress"
    assert client.call("StopDiscovery") is None
    assert client.call("StopDiscovery") == "org.bluez.Error.Failed"
    bluez.tell("slow StartDiscovery 30")
    assert client.call("StartDiscovery") is None
    slow = bluez.calls("StartDiscovery")[-1]
    assert slow.answered - slow.time >= 0.03
    bluez.tell("lose StopDiscovery")
    client.ask("StopDiscovery")
    bluez.until(lambda: bluez.calls("StopDiscovery")[-1].result == "lost", "the answer is lost")
    with pytest.raises(GLib.Error):
        bluez.tell("dance hci0")


def test_a_device_appears_with_its_first_packet_and_then_changes(bluez, client):
    assert not bluez.hear(DATA)
    client.scan()
    assert bluez.hear(DATA, rssi=-60) and bluez.hear(DATA, rssi=-60)
    added, changed = client.wait_devices(2)
    assert added[0] == "InterfacesAdded"
    path, interfaces = added[2]
    assert path == "/org/bluez/hci0/dev_00_00_00_00_00_01"
    device = interfaces["org.bluez.Device1"]
    assert bytes(device["ServiceData"][UUID]).hex() == DATA and device["RSSI"] == -60
    assert changed[:2] == ("PropertiesChanged", path)
    assert set(changed[2][1]) == {"ServiceData", "RSSI"}
    assert client.call("StopDiscovery") is None
    assert client.wait_devices(4)[-1][:1] == ("InterfacesRemoved",)
    assert bluez.sent() == 2


def test_without_a_filter_only_what_differs_much_is_told(bluez, client):
    assert client.call("StartDiscovery") is None
    for rssi in (-60, -62, -70):
        bluez.hear(DATA, rssi=rssi)
    changes = client.wait_devices(2)
    assert bluez.sent() == 2 and changes[1][2][1] == {"RSSI": -70}


def test_the_duplicate_filter_lets_one_through_per_scan(bluez, client):
    bluez.tell("duplicates hci0 filtered")
    client.scan()
    assert bluez.hear(DATA) and not bluez.hear(DATA)
    assert client.call("StopDiscovery") is None
    assert client.call("StartDiscovery") is None
    assert bluez.hear(DATA)


def test_power_and_the_public_address_show_on_the_air(bluez, client):
    client.export("/a")
    bluez.tell("adapter add hci1 extended")
    for path in ("/org/bluez/hci0", "/org/bluez/hci1"):
        assert client.call("RegisterAdvertisement", "(oa{sv})", "/a", {}, interface=ADVERTISING,
                           path=path) is None
    bluez.tell("discoverable hci0 on")
    assert bluez.air()[-1].public
    for adapter in ("hci0", "hci1"):
        bluez.tell(f"power {adapter} off")
        assert bluez.on_air(adapter) == []
        bluez.tell(f"power {adapter} on")
    assert bluez.on_air("hci0") == [DATA]       # a legacy one resumes by itself
    assert bluez.on_air("hci1") == []
    bluez.tell("release hci1")
    bluez.until(lambda: ("Release", None) in client.told, "it was released")


def test_a_killed_one_leaves_the_air_as_it_was(bluez, client):
    client.export("/a")
    assert client.register("/a") is None
    bluez.tell("name drop")
    assert bluez.on_air() == [DATA]
    assert client.call("StartDiscovery") == "org.freedesktop.DBus.Error.ServiceUnknown"
    bluez.tell("name take")
    assert bluez.on_air() == []
    assert client.register("/a") is None
    bluez.tell("name stop")
    assert bluez.on_air() == []


def test_a_client_s_things_go_with_it(bluez, client):
    client.export("/a")
    assert client.register("/a") is None
    client.scan()
    client.connection.close_sync(None)
    bluez.until(lambda: bluez.on_air() == [], "the advertisement is gone")
    assert not bluez.hear(DATA)


def test_a_crowd_comes_in_full(bluez, client):
    client.scan()
    bluez.tell("crowd hci0 20 400 1 seed=7 rotate=5")
    bluez.until(bluez.crowd_is_over, "the crowd is over")
    assert bluez.sent() == 400
    bluez.until(lambda: len([change for change in client.of_devices()
                            if change[0] != "InterfacesRemoved"]) == 400, "all came")
    paths = {change[1] if change[0] == "PropertiesChanged" else change[2][0]
             for change in client.of_devices()}
    assert len(paths) in (23, 24)               # four turns in a second at five for all


def test_a_daemon_takes_it_for_bluez(run, bluez, backend):
    anna = run.daemon("anna", backend=backend.uri, interests=["devops"], radio="bluez",
                      env=bluez.env)
    anna.call("Open", "(u)", 600)
    [data] = bluez.wait_on_air()
    realm = bytes.fromhex(data)[1]
    bluez.until(lambda: bluez.hear(service_data(realm, 1)), "it scans")
    bluez.until(lambda: anna.get("NearbyCount") == 1, "it hears")
    anna.call("Close")
    bluez.wait_on_air(n_adverts=0)
    assert {event.data for event in bluez.air()} == {data}
    bluez.assert_fair()
