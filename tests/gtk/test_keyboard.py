# SPDX-License-Identifier: GPL-2.0-or-later
"""Without a mouse: every control has its turn, every shortcut does its work, and one closes from anywhere."""
import pytest
from gi.repository import GLib

from client import Client, GtkDesk
from states import BY_NAME, STATES, reach
from sighejrun import Run

TABS_MAX = 60
CANNOT_CLOSE = {"off", "expired", "closing", "no-daemon", "interests", "preferences", "shortcuts", "help"}
WITH_CONTROLS = ["off", "open-near", "nudge", "meet", "after", "paused", "bluetooth-missing", "offline"]
WINDOW_BUTTONS = {"Minimize", "Maximize", "Close the window"}
REACHED_BY_TAB = {"push-button", "toggle-button", "text", "check-box"}
WINDOWS = {"ctrl+i": "Interests", "ctrl+comma": "Preferences", "ctrl+question": "Keyboard shortcuts",
           "F1": "Help"}


@pytest.fixture(scope="module")
def person(module_session):
    """(desk, client)"""
    module_session.set_toolkit(animations=False)
    return GtkDesk(module_session).start(), Client(module_session)


@pytest.mark.parametrize("name", [state.name for state in STATES if state.name not in CANNOT_CLOSE])
def test_ctrl_shift_x_closes(person, name):
    desk, client = reach(person, name)
    client.display.press("ctrl+shift+x")
    desk.wait("State", "off")


@pytest.mark.parametrize("key", WINDOWS)
def test_a_window_opens_and_closes_by_key_and_closes_the_session(person, key):
    desk, client = reach(person, "open-near")
    client.display.press(key)
    client.program.until(
        lambda: [w for w in client.program.windows() if w.name == WINDOWS[key]], f"shows {WINDOWS[key]}")
    client.display.press("ctrl+shift+x")
    desk.wait("State", "off")
    client.close_others()


def focused(client):
    return next((node for node in client.program.shown() if "focused" in node.states), None)


@pytest.mark.parametrize("name", WITH_CONTROLS)
def test_tab_comes_to_every_control(person, name):
    _desk, client = reach(person, name)
    wanted = {node.path for node in client.program.shown()
              if node.role in REACHED_BY_TAB and "focusable" in node.states and node.usable
              and node.name not in WINDOW_BUTTONS and node.description not in WINDOW_BUTTONS}
    assert wanted
    seen = set()
    for _ in range(TABS_MAX):
        before = focused(client)
        client.display.press("Tab")
        client.program.until(lambda: (focused(client) or before) and
                             (before is None or focused(client).path != before.path), "moves the focus")
        seen.add(focused(client).path)
        if wanted <= seen:
            break
    left = [node for node in client.program.shown() if node.path in wanted - seen]
    assert left == []


def test_ctrl_o_opens_and_ctrl_p_pauses_and_resumes(person):
    desk, client = reach(person, "off")
    client.display.press("ctrl+o")
    desk.wait("State", "open")
    client.program.wait_words("No one near yet")
    client.display.press("ctrl+p")
    desk.wait("State", "paused")
    client.program.wait_words("Paused")
    client.display.press("ctrl+p")
    desk.wait("State", "open")


def test_a_nudge_is_waved_at_by_the_keyboard(person):
    desk, client = reach(person, "nudge")
    for _ in range(TABS_MAX):
        node = focused(client)
        if node and node.name == "Wave":
            break
        client.display.press("Tab")
        client.program.until(lambda: focused(client) and (node is None or focused(client).path != node.path),
                             "moves the focus")
    client.display.press("space")
    client.program.wait_words("Waved. You hear if they wave too")


def test_words_stand_beside_colour_and_bars(person):
    _desk, client = reach(person, "nudge")
    client.program.wait_words("Near", "10 min left", "2 h")


def test_high_contrast_is_another_picture(person):
    _desk, client = reach(person, "nudge")
    plain = client.display.still(lambda picture: picture.n_colours() > 8)
    client.session.high_contrast(True)
    try:
        high = client.display.still(lambda picture: picture.pixels != plain.pixels)
        client.program.wait_words(BY_NAME["nudge"].en)
        assert high.n_colours() > 8
    finally:
        client.session.high_contrast(False)


def test_ctrl_w_leaves_the_session_open_and_ctrl_q_ends_the_program(person):
    desk, client = reach(person, "open-near")
    client.display.press("ctrl+w")
    client.program.until(lambda: not client.program.windows(), "has no window")
    assert desk.get("State") == "open" and client.process.running()
    desk.connection.call_sync("org.sighej.SigHej", "/org/sighej/SigHej", "org.freedesktop.Application",
                              "Activate", GLib.Variant("(a{sv})", ({},)), None, 0, 20000, None)
    client.program.wait_words("2 people near are open")
    client.display.press("ctrl+q")
    Run.until(lambda: not client.process.running(), "the client ended")
    assert client.process.wait() == 0 and desk.get("State") == "open"
