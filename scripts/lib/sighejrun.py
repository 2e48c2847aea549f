# SPDX-License-Identifier: GPL-2.0-or-later
"""Start the real programs and talk to them as their users do.

Used by scripts/demo and by the tests: a private bus, a backend, any number of daemons, each a
real process in a folder of its own. Everything started is stopped by close(), in reverse order,
and close() says what did not end as it should.

  with Run(build) as run:
      backend = run.backend()
      anna = run.daemon("anna", backend=backend.uri, interests=["devops"])
      anna.call("Open", "(u)", 600)
      run.until(lambda: anna.get("State") == "open", "anna is open")
"""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME = "org.sighej"
ROOT = "/org/sighej"
MANAGER = "org.sighej.Manager1"
DIAGNOSTICS = "org.sighej.Diagnostics1"
NUDGE = "org.sighej.Nudge1"
MEET = "org.sighej.Meet1"
PROPERTIES = "org.freedesktop.DBus.Properties"

WAIT_SECONDS = 60
STOP_SECONDS = 15
CALL_MS = 20000
HTTP_SECONDS = 10
TICK_MS = 20
LOG_LINES_MAX = 200000
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:")


class Failed(Exception):
    """What went wrong, in one sentence for a person."""


class Process:
    """A child whose output is kept, line by line, with the time each line came.

    ends_with is the exit status it should have at the end; None: any. A child has a session of
    its own, so Ctrl+C reaches us only and we stop it in order; if we are killed, so is it.
    """

    def __init__(self, name, argv, env=None, on_line=None):
        self.name, self.lines, self.on_line, self.ends_with = name, [], on_line, 0
        try:
            self.popen = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv], env=env,
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, text=True, errors="replace",
                                          start_new_session=True)
        except OSError as error:
            raise Failed(f"cannot start {argv[0]}: {error.strerror}") from error
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            now = time.monotonic()
            if len(self.lines) < LOG_LINES_MAX:
                self.lines.append((now, line.rstrip("\n")))
            if self.on_line:
                self.on_line(now, line)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def text(self):
        return "\n".join(line for _, line in list(self.lines))

    def find(self, pattern):
        """The first match in what was printed so far, or None."""
        for _, line in list(self.lines):
            match = re.search(pattern, line)
            if match:
                return match
        return None

    def kill(self, number=signal.SIGKILL):
        if self.running():
            self.popen.send_signal(number)

    def wait(self, seconds=STOP_SECONDS):
        """Its exit status, once its output has been read to the end."""
        status = self.popen.wait(seconds)
        self.reader.join(seconds)
        return status

    def stop(self):
        """TERM, then KILL if it does not listen. The exit status."""
        self.kill(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.crash()
            raise Failed(f"{self.name} did not end within {STOP_SECONDS} s of SIGTERM") from None

    def crash(self):
        """KILL, and nobody minds."""
        self.ends_with = -signal.SIGKILL
        self.kill()
        self.wait()

    def complaint(self):
        """What is wrong with how it ended, or None."""
        finding = self.find(SANITIZER.pattern)
        if finding:
            return f"{self.name}: {finding.string.strip()}"
        if self.ends_with is not None and self.popen.returncode != self.ends_with:
            return f"{self.name} ended with {self.popen.returncode}, not {self.ends_with}"
        return None


class Bus(Process):
    """A private bus of the real dbus-daemon."""

    def __init__(self, name="bus", options=("--session",)):
        super().__init__(name, ["dbus-daemon", *options, "--nofork", "--nopidfile", "--print-address=1"])
        Run.until(lambda: self.lines or not self.running(), "dbus-daemon listens")
        if not self.lines or not self.running():
            raise Failed("dbus-daemon did not start: " + self.text())
        self.address = self.lines[0][1].strip()

    def connect(self):
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        connection = Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)
        connection.set_exit_on_close(False)
        return connection


class Backend(Process):
    """sighej-backend on its embedded stores.

    config is the text of its configuration. Backends of one run share a state folder, so one
    started after another's end is the same backend again.
    """

    def __init__(self, run, listen="127.0.0.1:0", admin="127.0.0.1:0", options=(), env=None,
                 config="", name="backend"):
        state = run.folder("backend")
        environment = {**os.environ, "STATE_DIRECTORY": state, **run.env, **(env or {})}
        for unwanted in ("REDIS_URL", "DATABASE_URL", "CREDENTIALS_DIRECTORY"):
            environment.pop(unwanted, None)
        path = os.path.join(state, "backend.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(config)
        argv = [*run.prefix, os.path.join(run.build, "backend/sighej-backend"), f"--config={path}",
                f"--listen={listen}", f"--admin-listen={admin}", *options]
        super().__init__(name, argv, env=environment)
        run.until(lambda: self.find(r"^admin listening on") or not self.running(),
                  "the backend listens")
        if not self.running():
            self.reader.join(STOP_SECONDS)
            last = self.lines[-1][1] if self.lines else "it said nothing"
            raise Failed("the backend does not start: " + last.removeprefix("sighej-backend: "))
        self.address = self.find(r"^listening on (\S+)").group(1)
        self.uri = "http://" + self.address
        self.admin_uri = "http://" + self.find(r"^admin listening on (\S+)").group(1)

    def stats(self):
        """What GET /stats tells operators."""
        with urllib.request.urlopen(self.admin_uri + "/stats", timeout=HTTP_SECONDS) as answer:
            return json.load(answer)


class Daemon(Process):
    """sighejd on a private bus, and a connection to it.

    kiosk: that bus is the system's, for the daemon. config is text below the [Backend] group, log_level None leaves
    that to it; signals holds (time, member, values) of Manager1.
    """

    def __init__(self, run, name, backend=None, interests=None, radio="sim", adapter=None,
                 dwell_seconds=2, config="", env=None, bus=None, log_level="debug", options=(),
                 on_line=None, kiosk=False):
        self.bus = bus or run.bus(f"{name}-bus")
        self.home = run.folder(name)
        self.config_path = os.path.join(self.home, "sighejd.conf")
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(f"[Proximity]\nDwellSeconds={dwell_seconds}\n"
                       f"[Backend]\nUri={backend or ''}\n{config}")
        environment = {
            **os.environ, "DBUS_SESSION_BUS_ADDRESS": self.bus.address, "HOME": self.home,
            "XDG_STATE_HOME": self.home + "/state", "XDG_CONFIG_HOME": self.home + "/config",
            "XDG_RUNTIME_DIR": self.home, "SIGHEJ_SIM_AIR": run.air, "SIGHEJ_SIM_NAME": name,
            **run.env, **({"DBUS_SYSTEM_BUS_ADDRESS": self.bus.address} if kiosk else {}), **(env or {})}
        argv = [*run.prefix, os.path.join(run.build, "daemon/sighejd"),
                "--system" if kiosk else "--session", f"--radio={radio}",
                f"--config={self.config_path}", *options]
        if log_level:
            argv.append(f"--log-level={log_level}")
        if adapter:
            argv.append(f"--adapter={adapter}")
        self.environment, self.signals = environment, []
        super().__init__(name, argv, env=environment, on_line=on_line)
        self.connection = self.bus.connect()
        self.connection.signal_subscribe(
            NAME, MANAGER, None, None, None, 0, lambda _c, _sender, _path, _iface, member, values:
            self.signals.append((time.monotonic(), member, values.unpack())))
        run.until(lambda: self.has_name() or not self.running(), f"{name} owns {NAME}")
        if not self.running():
            raise Failed(f"sighejd ({name}) does not start: {self.text()}")
        if interests:
            self.call("SetInterests", "(as)", interests)

    def has_name(self):
        reply = self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "NameHasOwner", GLib.Variant("(s)", (NAME,)), None, 0, CALL_MS, None)
        return reply.unpack()[0]

    def call(self, method, signature=None, *arguments, path=ROOT, interface=MANAGER):
        """The answer's values as a tuple; raises GLib.Error."""
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.connection.call_sync(NAME, path, interface, method, parameters, None, 0,
                                         CALL_MS, None).unpack()

    def get(self, name, path=ROOT, interface=MANAGER):
        return self.call("Get", "(ss)", interface, name, path=path, interface=PROPERTIES)[0]

    def set(self, name, value, path=ROOT, interface=MANAGER):
        """value is a GLib.Variant."""
        self.call("Set", "(ssv)", interface, name, value, path=path, interface=PROPERTIES)

    def counters(self):
        return self.call("GetCounters", interface=DIAGNOSTICS)[0]

    def nudges(self):
        """What NudgeReceived said so far: (path, shared interests)."""
        return [values for _, member, values in self.signals if member == "NudgeReceived"]

    def on_signal(self, name, callback, interface=MANAGER):
        """callback (values) for each signal, while the main context runs."""
        self.connection.signal_subscribe(
            NAME, interface, name, None, None, 0,
            lambda _c, _sender, _path, _iface, _signal, values: callback(values.unpack()))


class Run:
    """One run: a folder, an air, and all that was started.

    env is for every program of ours, prefix what each one's command line begins with; failures tells,
    after close(), what did not end well.
    """

    def __init__(self, build, keep_folder=False, env=None):
        self.build, self.keep_folder, self.started = os.path.abspath(build), keep_folder, []
        self.env, self.prefix, self.failures = env or {}, [], []
        self.top = tempfile.mkdtemp(prefix="sighej-")
        self.air = self.folder("air")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def folder(self, name):
        path = os.path.join(self.top, name)
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def add(self, process):
        self.started.append(process)
        return process

    def bus(self, name="bus", **options):
        return self.add(Bus(name, **options))

    def backend(self, **options):
        return self.add(Backend(self, **options))

    def daemon(self, name, **options):
        return self.add(Daemon(self, name, **options))

    def set_air(self, **groups):
        """Writes air.ini: radio_anna={"position": "3,0"}, link_anna_bo={"rssi-dbm": -90}."""
        path = os.path.join(self.air, "air.ini")
        with open(path + ".new", "w", encoding="utf-8") as file:
            for group, keys in groups.items():
                file.write(f"[{group.replace('_', '.')}]\n")
                file.writelines(f"{key}={value}\n" for key, value in keys.items())
        os.rename(path + ".new", path)

    @staticmethod
    def until(condition, what, seconds=WAIT_SECONDS):
        """Runs the main context until condition () is true; its value."""
        context = GLib.MainContext.default()
        deadline = time.monotonic() + seconds
        tick = GLib.timeout_add(TICK_MS, lambda: True)
        try:
            while True:
                value = condition()
                if value:
                    return value
                if time.monotonic() > deadline:
                    raise Failed(f"waited {seconds} s in vain until {what}")
                context.iteration(True)
        finally:
            GLib.source_remove(tick)

    def close(self):
        """Stops all, the newest first; the folder goes too."""
        for process in reversed(self.started):
            try:
                process.stop()
            except Failed as failure:
                self.failures.append(str(failure))
            else:
                self.failures += filter(None, [process.complaint()])
        self.started.clear()
        if not self.keep_folder:
            shutil.rmtree(self.top, ignore_errors=True)
