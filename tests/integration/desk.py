# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl against a daemon that does as it is told (fake_daemon.py), on a private bus."""
import json
import os
import pty
import subprocess
import sys

from gi.repository import GLib

from sighejrun import MANAGER, NAME, PROPERTIES, ROOT, Process, Run

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "../..")
CTL = os.path.join(os.environ.get("SIGHEJ_BUILD", ""), "client/cli/sighejctl")
FAKE_DAEMON = [sys.executable, os.path.join(HERE, "fake_daemon.py")]
SCHEMA = json.load(open(os.path.join(TOP, "docs/sighejctl.schema.json"), encoding="utf-8"))
RUN_SECONDS = 60
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}

ERRORS = {
    "BluetoothMissing": 6, "BluetoothOff": 6, "BluetoothBlocked": 6, "BluetoothUnsupported": 6,
    "BluetoothDenied": 6, "NotPermitted": 7, "Inhibited": 7, "Offline": 8, "Refused": 8,
    "RateLimited": 9, "NotFound": 10, "Expired": 10, "Gone": 10, "NotOpen": 1, "InvalidInterest": 1,
    "InvalidDuration": 1, "TextRejected": 1, "NotSupported": 1, "Failed": 1,
}


def fits(value, schema):
    """The few keywords docs/sighejctl.schema.json uses."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    kind = TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return False
    if kind is int and value < schema.get("minimum", value):
        return False
    if kind is list:
        return all(fits(item, schema["items"]) for item in value)
    if kind is dict:
        return (all(key in value for key in schema["required"])
                and all(fits(value[key], part) for key, part in schema["properties"].items()
                        if key in value))
    return True


def checked(answer):
    assert fits(answer, SCHEMA), answer
    return answer


def environment(bus, locale="C.UTF-8", **more):
    return {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": bus.address, "LC_ALL": locale,
            "TZ": "UTC", "G_DEBUG": "fatal-warnings", "HOME": "/nonexistent",
            **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")
               if name in os.environ}, **more}


class Desk:
    """A private bus, a fake daemon on it when wanted, and sighejctl."""

    def __init__(self, run):
        self.run, self.bus = run, run.bus()
        self.connection = self.bus.connect()
        self.fake = None

    def start(self):
        self.fake = self.run.add(Process(
            "fake", FAKE_DAEMON, env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.bus.address}))
        self.fake.ends_with = None
        self.run.until(lambda: self.fake.find("^ready$"), "the fake daemon is ready")
        return self

    def stop(self):
        self.fake.crash()

    def tell(self, method, signature=None, *arguments):
        parameters = GLib.Variant(signature, arguments) if signature else None
        self.connection.call_sync("org.sighej", "/test", "org.sighej.Test1", method, parameters,
                                  None, 0, 20000, None)

    def put(self, name, signature, value):
        self.tell("Put", "(sv)", name, GLib.Variant(signature, value))

    def put_in(self, path, name, signature, value):
        self.tell("PutIn", "(osv)", path, name, GLib.Variant(signature, value))

    def get(self, name, path=ROOT, interface=MANAGER):
        return self.connection.call_sync(NAME, path, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)),
                                         None, 0, 20000, None).unpack()[0]

    def wait(self, name, value, path=ROOT, interface=MANAGER):
        Run.until(lambda: self.get(name, path, interface) == value, f"{name} is {value}")

    def ctl(self, *arguments, locale="C.UTF-8", typed="", **more):
        """(exit status, stdout, stderr)"""
        done = subprocess.run([CTL, *arguments], env=environment(self.bus, locale, **more),
                              input=typed, capture_output=True, text=True,
                              encoding="utf-8", timeout=RUN_SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr

    def good(self, *arguments, **more):
        status, out, err = self.ctl(*arguments, **more)
        assert (status, err) == (0, ""), (arguments, status, err)
        return out

    def json(self, *arguments):
        """The one object, which is the same in every locale and as the schema says."""
        out = self.good(*arguments, "--json=short")
        assert out.count("\n") == 1
        return checked(json.loads(out))

    def follow(self, *arguments, **more):
        process = self.run.add(Process("sighejctl", [CTL, *arguments], env=environment(self.bus, **more)))
        process.ends_with = None
        return process

    def on_terminal(self, *arguments, question=b"", answer=b"", **more):
        """(exit status, all that a terminal showed); types the answer, if any, to the question."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(CTL, [CTL, *arguments], environment(self.bus, **more))
        shown = b""
        try:
            while question not in shown:
                shown += os.read(terminal, 4096)
            if answer:
                os.write(terminal, answer)
            while True:
                shown += os.read(terminal, 4096)
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()
