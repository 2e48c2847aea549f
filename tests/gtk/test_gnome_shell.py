# SPDX-License-Identifier: GPL-2.0-or-later
"""The extension in a real GNOME Shell without a screen, with SIGHEJ_SLOW=1: a picture of each state is kept.

The shell runs on a private bus, with a system bus on which there is nobody; a second extension,
tests/extension/probe@sighej.org, lets the test look inside.
"""
import json
import os
import time

import pytest
from gi.repository import GLib

from desk import Desk
from sighejrun import Process, Run

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
UUID, PROBE = "sighej@sighej.org", "probe@sighej.org"
SHELL, CALL_MS, ENABLED = "org.gnome.Shell", 30000, 1
MINUTE_SECONDS = 60
TOGGLE = f"Main.extensionManager.lookup('{UUID}').stateObj._indicator._toggle"
MENU = "Main.panel.statusArea.quickSettings.menu"
CLICK = """{
  const {Clutter} = imports.gi;
  const [x, y] = %s.get_transformed_position();
  const [width, height] = %s.get_transformed_size();
  const seat = Clutter.get_default_backend().get_default_seat();
  global.pointer = seat.create_virtual_device(Clutter.InputDeviceType.POINTER_DEVICE);
  const us = imports.gi.GLib.get_monotonic_time();
  global.pointer.notify_absolute_motion(us, x + Math.min(width, 80) / 2, y + height / 2);
  global.pointer.notify_button(us, Clutter.BUTTON_PRIMARY, Clutter.ButtonState.PRESSED);
  global.pointer.notify_button(us + 1, Clutter.BUTTON_PRIMARY, Clutter.ButtonState.RELEASED);
}"""

pytestmark = pytest.mark.skipif(os.environ.get("SIGHEJ_SLOW") != "1", reason="takes long; SIGHEJ_SLOW=1")


class Shell(Process):
    """gnome-shell --headless with our two extensions, and the desk's daemon beside it."""

    def __init__(self, run, build, desk, language):
        home = run.folder("shell-home")
        folder = os.path.join(home, "data/gnome-shell/extensions")
        os.makedirs(folder)
        for path in ("extension/gnome-shell/" + UUID, "tests/extension/" + PROBE):
            os.symlink(os.path.join(TOP, path), os.path.join(folder, os.path.basename(path)))
        nobody = run.bus("system-bus")
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        super().__init__("gnome-shell", [
            "gnome-shell", "--headless", "--virtual-monitor", "1024x768", "--no-x11"], env={
                **environment, "HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CONFIG_HOME": home + "/config",
                "XDG_DATA_HOME": home + "/data", "XDG_CACHE_HOME": home + "/cache",
                "GSETTINGS_BACKEND": "memory", "GNOME_SHELL_SLOWDOWN_FACTOR": "0.01",
                "DBUS_SESSION_BUS_ADDRESS": desk.bus.address, "DBUS_SYSTEM_BUS_ADDRESS": nobody.address,
                "LC_ALL": "C.UTF-8", "LANGUAGE": language, "TZ": "UTC",
                "SIGHEJ_LOCALE_DIR": os.path.join(build, "po")})
        self.connection, self.ends_with = desk.connection, None
        Run.until(lambda: self.find("GNOME Shell started") or not self.running(), "the shell started")
        for uuid in (PROBE, UUID):
            self.enable(uuid)

    def call(self, path, interface, method, signature, *arguments):
        return self.connection.call_sync(SHELL, path, interface, method, GLib.Variant(signature, arguments),
                                         None, 0, CALL_MS, None).unpack()

    def enable(self, uuid, enabled=True):
        method = "EnableExtension" if enabled else "DisableExtension"
        assert self.call("/org/gnome/Shell", SHELL + ".Extensions", method, "(s)", uuid) == (True,)

    def info(self):
        return self.call("/org/gnome/Shell", SHELL + ".Extensions", "GetExtensionInfo", "(s)", UUID)[0]

    def eval(self, code):
        good, value = self.call("/org/gnome/Shell", SHELL, "Eval", "(s)", code)
        assert good, value
        return json.loads(value) if value else None

    def until(self, code, what):
        Run.until(lambda: self.eval(code), what)

    def label(self):
        """What the toggle says, all of which can be read."""
        assert self.eval(TOGGLE + "._label.clutter_text.get_layout().is_ellipsized()") is False
        return self.eval(TOGGLE + ".label")

    def press(self, actor):
        """With the pointer, in the middle of it; of the toggle: left of its arrow."""
        self.eval(CLICK % (actor, actor))

    def picture(self, path):
        assert self.call("/org/gnome/Shell/Screenshot", SHELL + ".Screenshot", "Screenshot", "(bbs)",
                         False, False, path)[0]

    def show_menu(self):
        """The quick settings, and nothing in front of them."""
        self.eval(f"Main.overview.hide(); Main.messageTray._bannerBin.hide(); {MENU}.open(0)")
        self.until(f"{TOGGLE}.mapped && !Main.overview.visible", "the quick settings are shown")


@pytest.fixture
def desk(run):
    one = Desk(run)
    one.start()
    return one


@pytest.fixture
def open_shell(run, build, desk):
    def start(language="en"):
        return run.add(Shell(run, build, desk, language))
    return start


def two_hours(desk):
    desk.put("OpenUntil", "t", int(time.time()) + 72 * MINUTE_SECONDS - 1)
    desk.put("State", "s", "open")


def test_the_toggle_from_off_to_paused(open_shell, desk, pictures):
    shell = open_shell()
    assert shell.info()["state"] == ENABLED
    shell.show_menu()
    assert shell.label() == "Open to talk"
    assert shell.eval(f"{TOGGLE}.checked") is False and shell.eval(f"{TOGGLE}._timerId") == 0
    shell.picture(os.path.join(pictures, "gnome-shell-off.png"))

    shell.press(TOGGLE)
    shell.until(f"{TOGGLE}.checked", "the toggle is on")
    two_hours(desk)
    shell.until(f"{TOGGLE}.label.startsWith('1 h')", "the time left is shown")
    assert shell.label() == "1 h 12 min"
    assert shell.eval(f"{TOGGLE}._timerId") > 0
    shell.picture(os.path.join(pictures, "gnome-shell-open.png"))

    desk.put("NearbyCount", "u", 2)
    shell.eval(f"{TOGGLE}.menu.open(false)")
    shell.until(f"{TOGGLE}.menu._headerSubtitle.text === '1 h 12 min left · 2 people near are open'", "its menu tells")
    shell.until(f"{TOGGLE}.menu.box.opacity === 255", "its menu is drawn")
    shell.picture(os.path.join(pictures, "gnome-shell-menu.png"))
    shell.press(f"{TOGGLE}._pause")
    shell.until(f"{TOGGLE}.label === 'Paused'", "it is paused")
    assert shell.eval(f"{TOGGLE}._timerId") == 0
    assert [line for _, line in shell.lines if "sighej" in line.lower() or "JS ERROR" in line] == []


def test_nothing_ticks_where_nobody_looks(open_shell, desk):
    shell = open_shell()
    two_hours(desk)
    shell.until(f"{TOGGLE}.checked", "the toggle is on")
    assert shell.eval(f"{TOGGLE}._timerId") == 0
    shell.show_menu()
    shell.until(f"{TOGGLE}._timerId > 0", "it ticks")
    shell.eval(f"{MENU}.close(0)")
    shell.until(f"{TOGGLE}._timerId === 0", "it is still")


def test_off_and_on_again_leaves_nothing(open_shell, desk):
    shell = open_shell()
    items = f"{MENU}._grid.get_n_children()"
    with_it = shell.eval(items)
    for _ in range(3):
        shell.enable(UUID, False)
        shell.until(f"{items} === {with_it - 1}", "the toggle is gone")
        shell.enable(UUID)
        shell.until(f"{items} === {with_it}", "the toggle is back")
    two_hours(desk)
    shell.until(f"{TOGGLE}.checked", "the toggle is on")
    desk.stop()
    shell.until(f"!{TOGGLE}.checked", "no daemon is off")
    assert [line for _, line in shell.lines if "sighej" in line.lower() or "JS ERROR" in line] == []


def test_danish(open_shell, desk, pictures):
    shell = open_shell("da")
    two_hours(desk)
    shell.show_menu()
    shell.until(f"{TOGGLE}.label.startsWith('1 t')", "the time left is shown")
    assert shell.label() == "1 t 12 min"
    shell.picture(os.path.join(pictures, "gnome-shell-danish.png"))
