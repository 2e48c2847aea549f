# SPDX-License-Identifier: GPL-2.0-or-later
"""The real Bluetooth stack inside the guest, and our programs on top of it.

Everything runs in one pytest process inside the VM. A test takes what it needs:

    def test_something(stack):              # fixture: legacy, then extended
        stack.tell("rssi 0 1 -71 2")        # see ble-controllers.py --help
        with Backend(stack) as backend, \\
                Daemon(stack, "anna", "hci0", backend=backend.uri) as anna, \\
                Daemon(stack, "bo", "hci1", backend=backend.uri) as bo:
            anna.call("SetInterests", "(as)", ["devops"])
            anna.call("Open", "(u)", 3600)
            anna.wait_property("State", "open")
            anna.wait_signal("NudgeReceived", timeout_s=60)
        on_air = stack.trace().on_air_intervals(0)      # hcitrace.OnAir

Stack(name, controllers="legacy", count=2, experimental=False, orders=())
    controllers   legacy, extended, legacy-le, extended-le: emulated, signal strength settable;
                  btvirt: extended ones of BlueZ's own emulator (no signal strength)
    experimental  whether bluetoothd runs with --experimental (monitor mode, intervals)
    start() stop(), or `with`; a running Stack has
    bus                           Gio.DBusConnection to the guest's system bus
    tell(order)                   an order to the emulated controllers
    trace()                       hcitrace.Trace of all adapters so far
    set_discoverable(n, on)       Adapter1.Discoverable, as any other program may
    adapter_path(n)               object path of controller n, whichever hci it is
    set_powered(n, on)            Adapter1.Powered, waits for the property
    start_bluetoothd(experimental=None, main_conf="")
    stop_bluetoothd(signal)       TERM by default, KILL for a crash
    restart_bluetoothd(signal, experimental=None, main_conf="")
    kill_bluetoothd()             SIGKILL, whoever started it
    started_by_the_bus()          context: the bus may start bluetoothd
    wait_on_air(n, check, ...)    waits until check(list of OnAir now) is true, returns the list

Daemon(stack, name, adapter, backend=None, config=None, options=(), env=None, user="nobody", clock=None)
    sighejd on a private session bus of its own; config: {"Group": {"Key": "value"}}
    start() stop(signal) kill() restart(), or `with`
    call(method, signature, *args)  of Manager1 (or interface=, path=); returns a tuple
    get(property)  wait_property(name, value)  signals  wait_signal(member)
    busctl(*args)  ctl(*args)     busctl and sighejctl on its bus: CompletedProcess
    bus, address, env, folder, log()

Backend(stack, name="backend", port=18080, config=None, options=(), user="nobody", clock=None)
    sighej-backend on loopback; uri, start() stop(signal) kill() restart(), or `with`

TimeShift(stack.folder)
    given as clock= to daemons and backends; advance(seconds) lets that time pass at
    once for all of them, as a suspend of the machine would: CLOCK_BOOTTIME and the
    wall clock jump, CLOCK_MONOTONIC does not

wait_until(check, timeout_s, what) runs the main loop meanwhile, so that objects
exported by the test are served. call() of this module does the same for a D-Bus call.

Programs come from the meson build folder in $SIGHEJ_BUILD. They are copied to the
guest's memory and run as an unprivileged user. All logs are in stack.folder and
reach $VM_OUT when the Stack stops. A program that `with` ends must exit with 0:
a sanitizer's finding fails the test.

Every Stack that stops has its whole trace judged by aircheck, and stop() raises if something
was on the air that must never be. What excuses a public address is set_discoverable() alone.
"""
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

import gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path += [os.path.join(HERE, "..", "..", folder) for folder in ("integration", "lib")]
import aircheck  # noqa: E402
import hcitrace  # noqa: E402
from shiftedclock import SIGNAL, ShiftedClock  # noqa: E402

CONTROLLERS = os.path.join(HERE, "..", "ble-controllers.py")
SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"
SERVICES = "/usr/local/share/dbus-1/system-services"
BLUEZ = "org.bluez"
BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"
BLUETOOTHD_STATE = "/var/lib/bluetooth"
CONTROLLER_SOCKET = "/run/ble-controllers"
WORK = "/vm/rw"                         # the guest's memory; the host's folders are slow to write

DEFAULT_TIMEOUT_S = 30                  # an emulated processor is slow; nobody waits this long in success
STOP_TIMEOUT_S = 15
CALL_TIMEOUT_MS = 25000
POLL_MS = 50

MANAGER = "org.sighej.Manager1"
ROOT = "/org/sighej"
PROPERTIES = "org.freedesktop.DBus.Properties"
ADAPTER = "org.bluez.Adapter1"

PRIVATE_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def in_guest():
    """Whether this is the throw-away VM; the rig wipes state that a real machine needs."""
    return os.environ.get("VM") == "1" and os.path.ismount("/vm/out")


def wait_until(check, timeout_s=DEFAULT_TIMEOUT_S, what="condition"):
    """Runs the main loop until check() is true; returns its value, fails at the time limit."""
    context = GLib.MainContext.default()
    deadline = time.monotonic() + timeout_s
    tick = GLib.timeout_add(POLL_MS, lambda: True)
    try:
        while True:
            value = check()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError("not within %g s: %s" % (timeout_s, what))
            context.iteration(True)
    finally:
        GLib.source_remove(tick)


def listens(path):
    """Whether somebody accepts connections at the socket: bind() makes the file, a connection is refused until listen()."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(path) == 0


def connect(address):
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def call(bus, name, path, interface, method, arguments=None, timeout_ms=CALL_TIMEOUT_MS):
    """Calls and waits while the main loop runs; returns the answer unpacked, raises GLib.Error."""
    done = []

    def on_done(connection, result):
        try:
            done.append((connection.call_finish(result), None))
        except GLib.Error as error:
            done.append((None, error))

    bus.call(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NO_AUTO_START, timeout_ms, None, on_done)
    wait_until(lambda: done, timeout_ms / 1000 + 5, "answer of " + method)
    answer, error = done[0]
    if error is not None:
        raise error
    return answer.unpack()


def get_property(bus, name, path, interface, prop):
    return call(bus, name, path, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, prop)))[0]


def call_bus(bus, method, *names):
    """Asks the bus itself; returns a tuple."""
    return call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
                GLib.Variant("(%s)" % ("s" * len(names)), names))


def has_owner(bus, name):
    return call_bus(bus, "NameHasOwner", name)[0]


def name_owner(bus, name):
    """Its unique name, or None."""
    try:
        return call_bus(bus, "GetNameOwner", name)[0]
    except GLib.Error:
        return None


def write_key_file(path, groups):
    with open(path, "w") as f:
        for group, keys in groups.items():
            f.write("[%s]\n" % group)
            for key, value in keys.items():
                f.write("%s=%s\n" % (key, value))


def merged(groups, more):
    result = {group: dict(keys) for group, keys in groups.items()}
    for group, keys in (more or {}).items():
        result.setdefault(group, {}).update(keys)
    return result


class Process:
    """A program with its log; stop() always ends it."""

    started = []                        # all that were, and may run still

    def __init__(self, name, argv, log, env=None, user=None, clock=None):
        self.name, self.log_path = name, log
        if clock is not None:
            env = clock.environment(env)
        identity = {} if user is None else dict(user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[])
        with open(log, "ab") as f:
            self.popen = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=f, stderr=f,
                                          env=dict(os.environ, **(env or {})), start_new_session=True, **identity)
        self.started.append(self)
        if clock is not None:
            clock.processes.append(self)

    def is_running(self):
        return self.popen.poll() is None

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def check(self):
        """True while it runs; else fails with its last words."""
        if not self.is_running():
            raise AssertionError("%s ended with %d:\n%s" % (self.name, self.popen.returncode, self.log()[-2000:]))
        return True

    def wait_for(self, ready, timeout_s=DEFAULT_TIMEOUT_S):
        wait_until(lambda: self.check() and ready(), timeout_s, self.name + " ready")

    def stop(self, signum=signal.SIGTERM, timeout_s=STOP_TIMEOUT_S):
        """Sends the signal, waits for the end; returns the exit code (negative: killed by it)."""
        if self in self.started:
            self.started.remove(self)
        if self.is_running():
            self.popen.send_signal(signum)
        try:
            wait_until(lambda: not self.is_running(), timeout_s, self.name + " ended")
        except AssertionError:
            self.popen.kill()
            self.popen.wait()
            raise
        return self.popen.returncode

    @classmethod
    def end_those_left(cls, but):
        """Kills what nobody has stopped, `but` those; returns what that was."""
        left = [one for one in cls.started if one.is_running() and one not in but]
        cls.started[:] = but
        for one in left:
            os.killpg(one.popen.pid, signal.SIGKILL)
            one.popen.wait()
        return [one.name for one in left]


def program(relative):
    """Our program, copied from the build folder to where any user may run it."""
    build = os.environ.get("SIGHEJ_BUILD")
    if not build:
        raise AssertionError("SIGHEJ_BUILD does not name the build folder")
    folder = os.path.join(WORK, "bin")
    target = os.path.join(folder, os.path.basename(relative))
    if not os.path.exists(target):
        os.makedirs(folder, mode=0o755, exist_ok=True)
        shutil.copy(os.path.join(build, relative), target)
        os.chmod(target, 0o755)
    return target


def start_system_bus():
    """The guest's system bus; it serves all Stacks of this run."""
    if os.path.exists("/run/dbus/system_bus_socket"):
        return
    os.makedirs("/run/dbus", exist_ok=True)
    subprocess.run(["dbus-daemon", "--system", "--fork", "--nopidfile"], check=True)


def count_controllers():
    try:
        names = os.listdir("/sys/class/bluetooth")
    except FileNotFoundError:
        return 0
    return sum(name.startswith("hci") and name[3:].isdigit() for name in names)


class TimeShift(ShiftedClock):
    """A clock that a test turns forward, for the programs that are given it."""

    def __init__(self, folder):
        library, self.processes = os.path.join(WORK, "bin", "timeshift.so"), []
        os.makedirs(os.path.dirname(library), mode=0o755, exist_ok=True)
        shutil.copyfile(os.path.join(os.environ["VM_OUT"], "timeshift.so"), library)
        super().__init__(os.path.join(folder, "timeshift"), library=library)

    def environment(self, env):
        return {**(env or {}), **super().environment()}

    def advance(self, seconds):
        """For whole process groups: what a daemon started goes by the same clock."""
        self.shift(seconds)
        for process in self.processes:
            if process.is_running():
                os.killpg(process.popen.pid, SIGNAL)


class SystemBus:
    """The guest's, in the shape in which tests/integration hands out its buses."""

    address = SYSTEM_BUS

    def bus(self, _name):
        return self

    def connect(self):
        return connect(self.address)


class Stack:
    """D-Bus, HCI trace, emulated controllers and bluetoothd."""

    unjudged = []                       # Stacks whose trace nobody has judged yet
    verdict = aircheck.Verdict()        # on all that were

    def __init__(self, name, controllers="legacy", count=2, experimental=False, orders=()):
        self.name, self.kind, self.count = name, controllers, count
        self.experimental, self.orders = experimental, orders
        self.folder = os.path.join(WORK, "logs", name)
        self.bus = self.monitor = self.radio = self.bluetoothd = self.follower = None
        self.moments = []               # aircheck.Moment

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        assert in_guest(), "this rig runs only inside its VM"
        assert count_controllers() == 0, "another Stack is running"
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        shutil.rmtree(BLUETOOTHD_STATE, ignore_errors=True)
        try:
            start_system_bus()
            wait_until(lambda: os.path.exists("/run/dbus/system_bus_socket"), what="system bus")
            self.bus = connect(SYSTEM_BUS)
            self.start_monitor()
            self.start_controllers()
            self.start_bluetoothd()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Stops what runs, last started first, and hands the logs to the host.

        A daemon that a failed test left behind would take the next Stack's controllers for its own.
        """
        own = [process for process in (self.bluetoothd, self.radio, self.monitor) if process is not None]
        self.bluetoothd = self.radio = self.monitor = None
        left = Process.end_those_left(but=own)
        for process in own:
            process.stop()
        wait_until(lambda: count_controllers() == 0, what="no controllers left")
        if self.bus is not None:
            self.bus.close_sync(None)
            self.bus = None
        shutil.copytree(self.folder, os.path.join(os.environ["VM_OUT"], "logs", self.name), dirs_exist_ok=True,
                        copy_function=shutil.copyfile, ignore=lambda folder, names: [
                            n for n in names if not (os.path.isdir(os.path.join(folder, n)) or
                                                     os.path.isfile(os.path.join(folder, n)))])
        self.judge()
        assert not left, "left running: " + ", ".join(left)

    def judge(self):
        """Once for each Stack: AirError if its trace shows what must never be on the air."""
        if self not in self.unjudged:
            return
        self.unjudged.remove(self)
        verdict = aircheck.judge(self.trace(), self.moments)
        verdict.check()
        self.verdict.add(verdict)

    # -- parts

    def start_monitor(self):
        trace = self.path("hci.btsnoop")
        subprocess.run(["modprobe", "bluetooth"], check=True)
        self.monitor = Process("btmon", ["btmon", "-w", trace], self.path("btmon.log"))
        # The kernel greets a monitor as soon as it listens: more than the file's header.
        self.monitor.wait_for(lambda: os.path.exists(trace) and os.path.getsize(trace) > 16)
        self.follower = hcitrace.Follower(trace)
        self.unjudged.append(self)

    def start_controllers(self):
        if self.kind == "btvirt":
            # What btvirt pulls in through AF_ALG is loaded before, or it may be so late
            # to answer the kernel's HCI Reset that the controller is given up (2 s).
            modules = ["hci_vhci", "af_alg", "algif_hash", "algif_skcipher", "cmac", "ecb"]
            argv = ["btvirt", "-l%d" % self.count]
        else:
            modules = ["hci_vhci"]
            argv = ["/usr/bin/python3", CONTROLLERS, "--kind", self.kind, "--count", str(self.count),
                    "--socket", CONTROLLER_SOCKET]
            for order in self.orders:
                argv += ["--order", order]
        subprocess.run(["modprobe", "-a"] + modules, check=True)
        self.radio = Process("controllers", argv, self.path("controllers.log"))
        self.radio.wait_for(lambda: count_controllers() >= self.count)

    def tell(self, order):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(order.encode(), CONTROLLER_SOCKET)

    def start_bluetoothd(self, experimental=None, main_conf=""):
        """Starts bluetoothd and waits until it has powered all controllers on."""
        if experimental is not None:
            self.experimental = experimental
        conf = self.path("main.conf")
        with open(conf, "w") as f:
            f.write(main_conf)
        argv = [BLUETOOTHD, "--nodetach", "--configfile=" + conf]
        self.bluetoothd = Process("bluetoothd", argv + (["--experimental"] if self.experimental else []),
                                  self.path("bluetoothd.log"))
        self.bluetoothd.wait_for(self.is_ready)

    def is_ready(self):
        if not has_owner(self.bus, "org.bluez"):
            return False
        adapters = self.adapters()
        return len(adapters) >= count_controllers() and all(a["Powered"] for a in adapters.values())

    def stop_bluetoothd(self, signum=signal.SIGTERM):
        process, self.bluetoothd = self.bluetoothd, None
        process.stop(signum)

    def kill_bluetoothd(self):
        """SIGKILL, whoever started it; returns when its name is nobody's, or another's."""
        was = name_owner(self.bus, BLUEZ)
        pid, = call_bus(self.bus, "GetConnectionUnixProcessID", BLUEZ)
        if self.bluetoothd is not None and self.bluetoothd.popen.pid == pid:
            self.stop_bluetoothd(signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: name_owner(self.bus, BLUEZ) != was, what="name lost")

    @contextlib.contextmanager
    def started_by_the_bus(self):
        """Meanwhile the bus starts bluetoothd when it is asked to."""
        os.makedirs(SERVICES, exist_ok=True)
        with open(os.path.join(SERVICES, "org.bluez.service"), "w") as f:
            f.write("[D-BUS Service]\nName=%s\nExec=%s --nodetach\nUser=root\n" % (BLUEZ, BLUETOOTHD))
        call_bus(self.bus, "ReloadConfig")
        try:
            yield
        finally:
            shutil.rmtree(SERVICES)
            call_bus(self.bus, "ReloadConfig")
            if self.bluetoothd is None or not self.bluetoothd.is_running():
                if has_owner(self.bus, BLUEZ):
                    self.kill_bluetoothd()
                self.start_bluetoothd()

    def restart_bluetoothd(self, signum=signal.SIGTERM, experimental=None, main_conf=""):
        self.stop_bluetoothd(signum)
        self.start_bluetoothd(experimental, main_conf)

    # -- questions

    def objects(self):
        return call(self.bus, "org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]

    def adapters(self):
        """The properties of every Adapter1 by object path."""
        return {path: interfaces[ADAPTER] for path, interfaces in self.objects().items() if ADAPTER in interfaces}

    def adapter_path(self, number):
        address = "00:AA:01:%02X:00:%02X" % ((number, number) if self.kind == "btvirt" else (0, number))
        return next(path for path, a in self.adapters().items() if a["Address"] == address)

    def index(self, number):
        """N of the hciN that controller `number` is now."""
        return int(os.path.basename(self.adapter_path(number))[len("hci"):])

    def set_adapter(self, path, prop, on):
        call(self.bus, "org.bluez", path, PROPERTIES, "Set", GLib.Variant("(ssv)", (ADAPTER, prop, GLib.Variant("b", on))))
        wait_until(lambda: get_property(self.bus, "org.bluez", path, ADAPTER, prop) == on, what="%s=%s" % (prop, on))

    def set_powered(self, number, on):
        self.set_adapter(self.adapter_path(number), "Powered", on)

    def set_discoverable(self, number, on):
        """Returns when it was asked for; from then on the public address may show for aircheck.EXPOSURE_MAX_S."""
        path, index = self.adapter_path(number), self.index(number)
        began = time.time()
        if on:
            self.moments.append(aircheck.Moment(index, began))
        self.set_adapter(path, "Discoverable", on)
        for moment in self.moments:
            if not on and moment.index == index and moment.ended is None:
                moment.ended = time.time()
        return began

    def trace(self):
        return self.follower.update()

    def wait_on_air(self, number, check=bool, timeout_s=DEFAULT_TIMEOUT_S, what="on air as expected"):
        """Waits until check() likes what adapter hci`number` advertises now; returns that."""
        found = []

        def look():
            found[:] = self.trace().on_air_now(number)
            return check(found)
        wait_until(look, timeout_s, what)
        return list(found)


class Running:
    """A program of ours as a context: unless the test has failed already, it must end well."""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        was_running = self.process is not None and self.process.is_running()
        log = self.process.log_path if self.process is not None else None
        code = self.stop()
        if kind is None and was_running and code != 0:
            raise AssertionError("%s ended with %d; see %s" % (self.name, code, log))

    def log(self):
        return self.process.log()


class Daemon(Running):
    """A sighejd with a private session bus; BlueZ is on the system bus as usual."""

    def __init__(self, stack, name, adapter="hci0", backend=None, config=None, options=(), env=None, user="nobody",
                 clock=None):
        self.stack, self.name, self.user, self.clock = stack, name, user, clock
        self.folder = stack.path(name)
        self.config = merged({"Bluetooth": {"Adapter": adapter}, "Backend": {"Uri": backend} if backend else {}}, config)
        self.options = list(options)
        self.address = "unix:path=" + os.path.join(self.folder, "bus")
        self.env = dict(HOME=self.folder, XDG_RUNTIME_DIR=self.folder, XDG_CONFIG_HOME=self.folder + "/config",
                        XDG_STATE_HOME=self.folder + "/state", DBUS_SESSION_BUS_ADDRESS=self.address,
                        DBUS_SYSTEM_BUS_ADDRESS=SYSTEM_BUS, G_DEBUG="fatal-criticals", **(env or {}))
        self.dbus = self.process = self.bus = None
        self.signals = []               # (time, path, interface, member, arguments) since the bus is there

    def start(self):
        """Starts bus and daemon; returns when org.sighej is owned."""
        self.start_bus()
        self.start_daemon()

    def start_bus(self):
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        conf = os.path.join(self.folder, "bus.conf")
        with open(conf, "w") as f:
            f.write(PRIVATE_BUS % os.path.join(self.folder, "bus"))
        if os.path.exists(os.path.join(self.folder, "bus")):
            os.unlink(os.path.join(self.folder, "bus"))         # of one that was killed
        self.dbus = Process(self.name + " bus", ["dbus-daemon", "--nofork", "--nopidfile", "--config-file=" + conf],
                            os.path.join(self.folder, "bus.log"), user=self.user)
        self.dbus.wait_for(lambda: listens(os.path.join(self.folder, "bus")))
        self.bus = connect(self.address)
        self.bus.signal_subscribe("org.sighej", None, None, None, None, Gio.DBusSignalFlags.NONE, self.on_signal)

    def start_daemon(self):
        conf = os.path.join(self.folder, "sighejd.conf")
        write_key_file(conf, self.config)
        self.process = Process(
            "sighejd " + self.name,
            [program("daemon/sighejd"), "--session", "--radio=bluez", "--config=" + conf] + self.options,
            os.path.join(self.folder, "sighejd.log"), self.env, self.user, self.clock)
        self.process.wait_for(lambda: has_owner(self.bus, "org.sighej"))

    def on_signal(self, _bus, _sender, path, interface, member, arguments):
        self.signals.append((time.time(), path, interface, member, arguments.unpack()))

    def stop(self, signum=signal.SIGTERM):
        """Stops daemon and bus; returns the daemon's exit code."""
        code = None
        if self.process is not None:
            code = self.process.stop(signum)
        if self.bus is not None and not self.bus.is_closed():
            self.bus.close_sync(None)
        if self.dbus is not None:
            self.dbus.stop()
        self.process = self.bus = self.dbus = None
        return code

    def kill(self):
        """SIGKILL to the daemon; its bus stays. Returns the time of the signal."""
        when = time.time()
        self.process.stop(signal.SIGKILL)
        return when

    def restart(self, signum=signal.SIGTERM):
        self.process.stop(signum)
        self.start_daemon()

    # -- D-Bus

    def call(self, method, signature="()", *arguments, interface=MANAGER, path=ROOT, timeout_ms=CALL_TIMEOUT_MS):
        return call(self.bus, "org.sighej", path, interface, method, GLib.Variant(signature, arguments), timeout_ms)

    def get(self, prop, interface=MANAGER, path=ROOT):
        return get_property(self.bus, "org.sighej", path, interface, prop)

    def wait_property(self, prop, value, timeout_s=DEFAULT_TIMEOUT_S):
        last = []

        def look():
            last[:] = [self.get(prop)]
            return last[0] == value
        try:
            wait_until(lambda: self.process.check() and look(), timeout_s)
        except AssertionError as error:
            raise AssertionError("%s of %s is %r, not %r\n%s" % (
                prop, self.name, last[0] if last else None, value, error)) from None

    def wait_signal(self, member, timeout_s=DEFAULT_TIMEOUT_S, count=1):
        """Waits for the count-th such signal since the daemon's bus is there; returns (time, arguments)."""
        def look():
            found = [s for s in self.signals if s[3] == member]
            return found[count - 1:count]
        one, = wait_until(look, timeout_s, "signal %s of %s" % (member, self.name))
        return one[0], one[4]

    def busctl(self, *arguments):
        return subprocess.run(["busctl", "--address=" + self.address] + list(arguments), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=DEFAULT_TIMEOUT_S)

    def ctl(self, *arguments):
        return subprocess.run([program("client/cli/sighejctl")] + list(arguments), text=True,
                              env=dict(os.environ, **self.env), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=2 * DEFAULT_TIMEOUT_S)


class Backend(Running):
    """A sighej-backend with its embedded stores on loopback."""

    def __init__(self, stack, name="backend", port=18080, config=None, options=(), user="nobody",
                 clock=None):
        self.name, self.port, self.user, self.clock = name, port, user, clock
        self.config, self.options = config or {}, list(options)
        self.folder = stack.path(name)
        self.uri = "http://127.0.0.1:%d" % port
        self.process = None

    def start(self):
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        conf = os.path.join(self.folder, "backend.conf")
        write_key_file(conf, self.config)
        self.process = Process(
            self.name, [program("backend/sighej-backend"), "--config=" + conf, "--listen=127.0.0.1:%d" % self.port,
                        "--admin-listen=127.0.0.1:0"] + self.options, os.path.join(self.folder, "backend.log"),
            dict(HOME=self.folder, XDG_RUNTIME_DIR=self.folder, STATE_DIRECTORY=self.folder,
                 XDG_STATE_HOME=self.folder, G_DEBUG="fatal-criticals"), self.user, self.clock)
        self.process.wait_for(self.accepts)

    def accepts(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, signum=signal.SIGTERM):
        process, self.process = self.process, None
        return process.stop(signum) if process is not None else None

    def kill(self):
        return self.stop(signal.SIGKILL)

    def restart(self, signum=signal.SIGTERM):
        self.stop(signum)
        self.start()
