# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual machine as its administrator and its people have it.

    machine = Machine()
    machine.run("systemctl", "start", "redis-server.service")      # as root; user="anna" as she
    machine.unit("redis-server.service")["MainPID"]
    machine.wait_active("redis-server.service")
    anna = machine.person("anna")                   # on her own bus, /run/user/1101/bus
    anna.call("Open", "(u)", 3600)
    machine.wait_on_air(2, bool)                    # what controller 2 advertises, by the HCI trace
"""
import os
import pwd
import subprocess
import time
import urllib.request

from gi.repository import Gio, GLib

from stack import BLUEZ, DEFAULT_TIMEOUT_S, MANAGER, PROPERTIES, ROOT, SYSTEM_BUS, call, connect, has_owner, wait_until
import aircheck
import hcitrace

TRACE = "/vm/rw/hci.btsnoop"
KIOSK = 2                               # its controller; Anna has 0 and Bo 1
READY = "http://127.0.0.1:8080/health/ready"
FILLER = "/filler"
COMMAND_TIMEOUT_S = 120                 # dpkg reads what a thousand packages have installed
UNIT_TIMEOUT_S = 60
CONTROLLER_SOCKET = "/run/ble-controllers"


class Failed(AssertionError):
    """A command ended with another status than 0."""


def manager_says(bus, prop):
    """A property of the service manager on that bus: the system's, or a person's."""
    return call(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", PROPERTIES, "Get",
                GLib.Variant("(ss)", ("org.freedesktop.systemd1.Manager", prop)))[0]


def may_fail(function, *arguments):
    """Its value, or None."""
    try:
        return function(*arguments)
    except GLib.Error:
        return None


def connect_as(name, address):
    """A connection to a bus that takes us for that person: it goes by who connected."""
    uid = pwd.getpwnam(name).pw_uid
    os.seteuid(uid)
    try:
        return connect(address)
    finally:
        os.seteuid(0)


class Machine:
    """There is one."""

    figures = []                        # printed at the end

    def __init__(self):
        self.bus = connect(SYSTEM_BUS)
        self.follower = hcitrace.Follower(TRACE)

    def reconnect(self):
        """To the system bus, when it was another's turn."""
        if not self.bus.is_closed():
            self.bus.close_sync(None)
        self.bus = wait_until(lambda: may_fail(connect, SYSTEM_BUS), UNIT_TIMEOUT_S, "the system bus")

    def say(self, line):
        self.figures.append(line)
        with open(os.path.join(os.environ["VM_OUT"], "figures.txt"), "a", encoding="utf-8") as f:
            f.write(line + "\n")

    # -- commands

    def run(self, *argv, user=None, check=True, text=None):
        """Returns CompletedProcess; a person's command has her environment."""
        identity = {}
        if user is not None:
            # Not by runuser: what it logs has its command line as a field.
            entry = pwd.getpwnam(user)
            identity = dict(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], env=dict(
                os.environ, HOME=entry.pw_dir, USER=user, LOGNAME=user, XDG_RUNTIME_DIR="/run/user/%d" % entry.pw_uid,
                DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/%d/bus" % entry.pw_uid))
        result = subprocess.run(argv, input=text if text is not None else "", text=True, capture_output=True, cwd="/",
                                timeout=COMMAND_TIMEOUT_S, **identity)
        if check and result.returncode != 0:
            raise Failed("%s: %d\n%s%s" % (" ".join(argv), result.returncode, result.stdout, result.stderr))
        return result

    def run_at_screen(self, *argv):
        """As Anna, in her session at the first terminal, which is the active one."""
        with open("/proc/%d/cgroup" % self.main_pid("anna-at-the-screen.service"), encoding="ascii") as f:
            group = f.read().strip().split("::", 1)[1]
        enter = "echo $$ >/sys/fs/cgroup%s/cgroup.procs; exec runuser -u anna -- \"$@\"" % group
        return self.run("sh", "-c", enter, "sh", *argv)

    def ask(self, *argv, user=None):
        return self.run(*argv, user=user).stdout.strip()

    # -- units

    def unit(self, name, *properties, user=None):
        """Its properties, by name."""
        scope = ["--user"] if user else []
        lines = self.ask("systemctl", *scope, "show", name, "--property=" + ",".join(properties), user=user).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def is_active(self, name, user=None):
        return self.unit(name, "ActiveState", user=user)["ActiveState"] == "active"

    def main_pid(self, name, user=None):
        return int(self.unit(name, "MainPID", user=user)["MainPID"])

    def wait_active(self, name, user=None, but_pid=None):
        """Until it runs, as another process than that; returns its process."""
        def runs():
            state = self.unit(name, "ActiveState", "MainPID", user=user)
            return state["ActiveState"] == "active" and int(state["MainPID"]) not in (0, but_pid) and state["MainPID"]
        return int(wait_until(runs, UNIT_TIMEOUT_S, name + " runs"))

    def failed(self):
        """Units that systemctl --failed names, of the machine and of its people."""
        found = self.ask("systemctl", "--failed", "--plain", "--no-legend").split("\n")
        for name in ("anna", "bo"):
            found += self.ask("systemctl", "--user", "--failed", "--plain", "--no-legend", user=name).split("\n")
        return [line for line in found if line]

    def runs_well(self):
        """Whether it has started all it should, and nothing has failed."""
        return (manager_says(self.bus, "SystemState"), manager_says(self.bus, "NFailedUnits")) == ("running", 0)

    def is_served(self):
        """Whether the backend answers that it can do its work."""
        try:
            with urllib.request.urlopen(READY, timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def fill_disk(self):
        """To the last block, those kept for root too."""
        free = os.statvfs("/")
        size = free.f_bfree * free.f_frsize
        while size > 0:
            if self.run("fallocate", "--offset", str(os.path.getsize(FILLER) if os.path.exists(FILLER) else 0), "--length", str(size),
                        FILLER, check=False).returncode != 0:
                size //= 2
                size -= size % free.f_frsize

    def empty_disk(self):
        os.unlink(FILLER)

    # -- the air

    def trace(self):
        return self.follower.update()

    def wait_on_air(self, number, check=bool, timeout_s=DEFAULT_TIMEOUT_S, what="on air as expected"):
        """Waits until check() likes what of ours adapter hci`number` advertises now; returns that."""
        found = []

        def look():
            found[:] = [o for o in self.trace().on_air_now(number) if aircheck.carries_ours(o)]
            return check(found)
        wait_until(look, timeout_s, what)
        return list(found)

    def wait_silent(self, number, timeout_s=DEFAULT_TIMEOUT_S):
        self.wait_on_air(number, lambda now: not now, timeout_s, "hci%d is silent" % number)

    def adapters_on(self):
        """How many adapters bluetoothd has switched on."""
        if not has_owner(self.bus, BLUEZ):
            return 0
        objects = call(self.bus, BLUEZ, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]
        return sum(o["org.bluez.Adapter1"]["Powered"] for o in objects.values() if "org.bluez.Adapter1" in o)

    # -- people

    def person(self, name):
        return Person(self, name)


class Person:
    """Somebody with a user manager and a bus of her own."""

    def __init__(self, machine, name):
        self.machine, self.name = machine, name
        self.uid = pwd.getpwnam(name).pw_uid
        self.address = "unix:path=/run/user/%d/bus" % self.uid
        self.signals = []               # (time, path, interface, member, arguments)
        self.connect()

    def connect(self):
        self.bus = connect_as(self.name, self.address)
        self.bus.signal_subscribe("org.sighej", None, None, None, None, Gio.DBusSignalFlags.NONE, self.on_signal)

    def reconnect(self):
        if not self.bus.is_closed():
            self.bus.close_sync(None)
        wait_until(lambda: may_fail(self.connect) is None and not self.bus.is_closed(), UNIT_TIMEOUT_S, self.name + "'s bus")

    def answers(self):
        """Whether the daemon does; a call starts it."""
        try:
            self.bus.call_sync("org.sighej", ROOT, PROPERTIES, "Get", GLib.Variant("(ss)", (MANAGER, "State")), None,
                               Gio.DBusCallFlags.NONE, 25000, None)
            return True
        except GLib.Error:
            return False

    def runs_well(self):
        return (manager_says(self.bus, "SystemState"), manager_says(self.bus, "NFailedUnits")) == ("running", 0)

    def inhibit(self):
        """Returns the descriptor to hold."""
        answer, descriptors = self.bus.call_with_unix_fd_list_sync(
            "org.sighej", ROOT, MANAGER, "Inhibit", GLib.Variant("(ss)", (self.name, "test")), None,
            Gio.DBusCallFlags.NO_AUTO_START, 25000, None, None)
        return descriptors.get(answer.unpack()[0])

    def on_signal(self, _bus, _sender, path, interface, member, arguments):
        self.signals.append((time.time(), path, interface, member, arguments.unpack()))

    def call(self, method, signature="()", *arguments, interface=MANAGER, path=ROOT):
        return call(self.bus, "org.sighej", path, interface, method, GLib.Variant(signature, arguments))

    def get(self, prop, interface=MANAGER, path=ROOT):
        return call(self.bus, "org.sighej", path, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, prop)))[0]

    def run(self, *argv, check=True):
        return self.machine.run(*argv, user=self.name, check=check)

    def wait_property(self, prop, value, timeout_s=DEFAULT_TIMEOUT_S, **where):
        last = []

        def look():
            last[:] = [self.get(prop, **where)]
            return last[0] == value
        try:
            wait_until(look, timeout_s)
        except AssertionError as error:
            raise AssertionError("%s of %s is %r, not %r" % (prop, self.name, last, value)) from error
