# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's session: a private bus that can start what a desktop can, a display, accessibility."""
import os
import sys

from gi.repository import GLib

from access import Access
from display import Display
from sighejrun import Bus, Failed, Process, Run

HERE = os.path.dirname(os.path.abspath(__file__))
CALL_MS = 20000
A11Y_SERVICE = "/usr/share/dbus-1/services/org.a11y.Bus.service"
LOG_LINES_SHOWN = 200
ENVIRONMENT = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
               "G_DEBUG": "fatal-warnings"}
FONT, DPI = "Cantarell 11", 96

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SessionBus(Process):
    """A bus that starts only what is in its folder `services`."""

    def __init__(self, run, environment):
        self.services = run.folder("services")
        with open(A11Y_SERVICE, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("SystemdService")]
        self.add_service("org.a11y.Bus", "".join(lines))
        config = os.path.join(run.top, "session.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(BUS.format(services=self.services))
        super().__init__("session-bus", ["dbus-daemon", "--config-file=" + config, "--nofork",
                                         "--nopidfile", "--print-address=1"], env=environment)
        run.until(lambda: self.lines or not self.running(), "the session bus listens")
        if not self.lines or not self.running():
            raise Failed("dbus-daemon did not start: " + self.text())
        self.address = self.lines[0][1].strip()

    connect = Bus.connect

    def add_service(self, name, text):
        with open(os.path.join(self.services, name + ".service"), "w", encoding="utf-8") as file:
            file.write(text)


class Session:
    """What a person is logged in to. The programs get its `environment`."""

    def __init__(self, run, build, width=360, height=640):
        self.run, self.build = run, build
        self.display = Display(run, width, height)
        home = run.folder("home")
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")},
            "DISPLAY": self.display.name, "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo",
            "HOME": home, "XDG_CONFIG_HOME": home + "/config", "XDG_DATA_HOME": home + "/data",
            "XDG_STATE_HOME": home + "/state", "XDG_CACHE_HOME": home + "/cache",
            "XDG_RUNTIME_DIR": home, "XDG_DATA_DIRS": "/usr/share",
            "GSETTINGS_BACKEND": "memory", "GSETTINGS_SCHEMA_DIR": build + "/client/gtk/data",
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
            "SIGHEJ_LOCALE_DIR": build + "/po", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "G_DEBUG": "fatal-criticals", "GTK_A11Y": "atspi", "NO_AT_BRIDGE": "0"}
        self.bus = run.add(SessionBus(run, self.environment))
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        self.connection = self.bus.connect()
        self.access = Access(self.connection)
        self.desktop = run.add(Process("desktop", [sys.executable, os.path.join(HERE, "fake_desktop.py")],
                                       env=self.environment))
        self.desktop.ends_with = None
        run.until(lambda: self.desktop.find("^ready$"), "the desktop's services are there")

    def tell_desktop(self, method, signature=None, *arguments):
        """See fake_desktop.py."""
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.connection.call_sync("org.sighej.TestDesktop", "/test", "org.sighej.TestDesktop",
                                         method, parameters, None, 0, CALL_MS, None).unpack()

    def look_dark(self, dark):
        self.tell_desktop("SetAppearance", "(su)", "color-scheme", 1 if dark else 2)

    def high_contrast(self, high):
        self.tell_desktop("SetAppearance", "(su)", "high-contrast", int(high))

    def set_toolkit(self, text_percent=100, animations=True):
        """How the programs that are started from now on look."""
        folder = os.path.join(self.environment["XDG_CONFIG_HOME"], "gtk-4.0")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as file:
            file.write(f"[Settings]\ngtk-font-name={FONT}\n"
                       f"gtk-enable-animations={int(animations)}\n"
                       "gtk-icon-theme-name=Adwaita\ngtk-cursor-blink=0\n")
        # On X11 the resource goes before what the file above could say.
        with open(os.path.join(self.environment["HOME"], ".Xdefaults"), "w", encoding="utf-8") as file:
            file.write(f"Xft.dpi: {DPI * text_percent // 100}\n")

    def start(self, name, argv, **environment):
        """A program of the session."""
        return self.run.add(Process(name, argv, env={**self.environment, **environment}))

    def has_name(self, name):
        return self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
            GLib.Variant("(s)", (name,)), None, 0, CALL_MS, None).unpack()[0]


def start_programs(request, build):
    one = Run(build, env=dict(ENVIRONMENT))
    yield one
    processes = list(one.started)
    one.close()
    if getattr(request.node, "failed", False) or one.failures:
        for process in processes:
            print(f"==== {process.name}")
            print("\n".join(process.text().splitlines()[-LOG_LINES_SHOWN:]))
    assert one.failures == []


def start_session(request, run, build, width=360, height=640):
    session = Session(run, build, width, height)
    session.set_toolkit(animations=False)
    request.config.sessions = [*getattr(request.config, "sessions", []), session]
    yield session
    request.config.sessions.remove(session)
