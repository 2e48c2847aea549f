# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person chooses: interests as chips, preferences, and the windows to read."""
import os

import pytest

from client import Client, GtkDesk
from sighejrun import Run

INTERESTS_MAX, LETTERS_MAX = 20, 40
ROWS_TOP, ROWS_BOTTOM = 60, 540         # pixels of the screen
WINDOWS = {"ctrl+i": "Interests", "ctrl+comma": "Preferences", "F1": "Help",
           "ctrl+question": "Keyboard shortcuts"}


@pytest.fixture(scope="module")
def the(module_session):
    """The desk, the client beside it, and what it shows: one for all that follows."""
    desk = GtkDesk(module_session).start()
    module_session.set_toolkit(animations=False)
    desk.client = Client(module_session)
    desk.program = desk.client.program
    desk.display = module_session.display
    desk.home = module_session.environment["XDG_CONFIG_HOME"]
    desk.program.wait_words("You are not open to talk")
    return desk


def n_windows(desk):
    return len(desk.program.windows())


@pytest.fixture
def opened(the):
    """opened (keys): the window these keys open; closed by Escape in the end, its toasts first."""
    assert n_windows(the) == 1

    def press(keys):
        the.display.press(keys)
        the.program.until(lambda: n_windows(the) == 2, f"opens a window at {keys}")
        Run.until(lambda: WINDOWS[keys] in the.display.xdotool("getwindowfocus", "getwindowname"),
                  "what is typed goes there")
        return the.program
    yield press
    the.program.until(lambda: n_windows(the) == 1 or the.display.press("Escape"), "closes it at Escape")


# ---- interests


def test_interests_are_searched_as_one_types(the, opened):
    the.put("Interests", "as", ["devops"])
    program = opened("ctrl+i")
    program.find("push-button", "Remove DevOps")
    the.display.type("mad")
    program.wait_words("Madlavning", "Mad og drikke", "Add “mad”")
    the.display.press("Down", "Return")
    the.wait("Interests", ["devops", "cooking"])
    program.find("push-button", "Remove Madlavning")
    program.wait_words("2 of 20")


def test_free_text_is_an_interest_too(the, opened):
    the.put("Interests", "as", ["devops"])
    program = opened("ctrl+i")
    program.find("push-button", "Remove DevOps")
    the.display.type("old maps")
    the.display.press("Return")
    the.wait("Interests", ["devops", "old maps"])
    the.display.type("Old  Maps")
    the.display.press("Return")
    program.wait_words("That one is on your list already.")
    the.display.press("ctrl+a", "BackSpace")


def test_suggestions_are_left_by_the_keyboard(the, opened):
    program = opened("ctrl+i")
    the.display.type("van")
    program.wait_words("Vandring")
    the.display.press("Down", "Up")
    program.until(lambda: "focused" in program.find("text", "Add an interest").states, "is back")
    the.display.press("Escape")
    program.until(lambda: not program.labels("Vandring"), "has put the suggestions away")
    assert n_windows(the) == 2
    the.display.press("ctrl+a", "BackSpace")


def test_what_is_removed_can_be_put_back(the, opened):
    the.put("Interests", "as", ["devops", "old maps", "cooking"])
    program = opened("ctrl+i")
    program.click("push-button", "Remove old maps")
    the.wait("Interests", ["devops", "cooking"])
    program.wait_words("old maps removed")
    next(node for node in program.shown("push-button") if "Undo" in node.name).click()
    the.wait("Interests", ["devops", "old maps", "cooking"])


def test_the_bounds_are_said(the, opened):
    the.put("Interests", "as", ["devops"])
    program = opened("ctrl+i")
    program.click("push-button", "Remove DevOps")
    program.wait_words("One interest has to stay.")
    program.find("text", "Add an interest").write("x" * (LETTERS_MAX + 1))
    program.wait_words("at most 40 characters")
    the.put("Interests", "as", [f"thing {i}" for i in range(INTERESTS_MAX)])
    program.wait_words("20 of 20")
    program.find("text", "Add an interest").write("one more")
    program.wait_words("Remove one first.")
    program.find("text", "Add an interest").write("")


def test_a_refused_change_is_taken_back(the, opened):
    the.put("Interests", "as", ["devops", "old maps"])
    program = opened("ctrl+i")
    program.find("push-button", "Remove old maps")
    the.tell("Fail", "(ss)", "org.sighej.Error.Failed", "the disk is full")
    program.click("push-button", "Remove old maps")
    program.wait_words("disk is full")
    program.find("push-button", "Remove old maps")
    assert the.get("Interests") == ["devops", "old maps"]


# ---- preferences


@pytest.mark.parametrize("row, name", [("Pause while the screen is locked", "PauseOnLock"),
                                       ("Tell me when someone comes", "NotifyNearby")])
def test_switches_show_and_change_what_the_daemon_keeps(the, opened, row, name):
    before = the.get(name)
    program = opened("ctrl+comma")
    program.click("check-box", row)
    the.wait(name, not before)
    the.put(name, "b", before)
    program.until(lambda: ("checked" in program.find("check-box", row).states) == before, "follows")


def test_how_long_is_shown_where_one_opens(the, opened):
    program = opened("ctrl+comma")
    the.display.press("Return")
    program.until(lambda: "1 h" in program.words(), "offers how long")
    the.display.press("Down", "Return")
    program.until(lambda: program.words().count("1 h") == 2, "shows it in both windows")


def test_quiet_hours_are_added_checked_and_removed(the, opened):
    the.put("QuietHours", "as", ["22:00-08:00"])
    program = opened("ctrl+comma")
    program.find("push-button", "Remove 22:00–08:00")
    enter(the, "Add a time", "12-12.30")
    the.wait("QuietHours", ["22:00-08:00", "12:00-12:30"])
    enter(the, "Add a time", "late")
    program.wait_words("That is no time")
    program.click("push-button", "Remove 22:00–08:00")
    the.wait("QuietHours", ["12:00-12:30"])


def scrolled_to(desk, row):
    """The entry, when it is where a pointer gets to; else turns the wheel a little."""
    entry = desk.program.find("text", row)
    if ROWS_TOP < entry.box().y < ROWS_BOTTOM:
        return entry
    wheel = "5" if entry.box().y >= ROWS_BOTTOM else "4"
    desk.display.xdotool("mousemove", "180", "400", "click", "--repeat", "3", wheel)
    return None


def enter(desk, row, text):
    """Clicks into the row, writes into it and presses Enter. GTK 4.8 tells nobody that it has the focus."""
    box = desk.program.until(lambda: scrolled_to(desk, row), f"comes to {row}").box()
    desk.display.click(box.x + box.width // 3, box.y + box.height // 2)
    desk.display.press("ctrl+a")
    desk.display.type(text)
    desk.display.press("Return")


def test_a_refused_backend_says_why_below(the, opened):
    program = opened("ctrl+comma")
    the.tell("Fail", "(ss)", "org.sighej.Error.Failed", "")
    enter(the, "Address", "nonsense")
    program.wait_words("BackendUri")
    assert the.get("BackendUri") == "https://match.example"
    enter(the, "Address", "https://other.example")
    the.wait("BackendUri", "https://other.example")


def test_one_adapter_needs_no_choice(the, opened):
    program = opened("ctrl+comma")
    program.find("combo-box", "Adapter")
    the.put("Adapters", "ao", ["/org/bluez/hci1"])
    program.wait_words("hci1, the only one this computer has")
    the.put("Adapters", "ao", [])
    program.wait_words("none that can be used")


def test_autostart_is_off_until_wished(the, opened):
    path = os.path.join(the.home, "autostart/org.sighej.SigHej.desktop")
    program = opened("ctrl+comma")
    assert "checked" not in program.find("check-box", "Start when I log in").states
    assert not os.path.exists(path)
    program.click("check-box", "Start when I log in")
    Run.until(lambda: os.path.exists(path), "the desktop entry is there")
    program.click("check-box", "Start when I log in")
    Run.until(lambda: not os.path.exists(path), "the desktop entry is gone")


# ---- every window


@pytest.mark.parametrize("keys, title", WINDOWS.items())
def test_any_window_closes_the_session(the, opened, keys, title):
    the.put("Interests", "as", ["devops"])
    the.state("open", backend="online", nearby=2)
    the.program.wait_words("2 people near are open")
    program = opened(keys)
    program.wait_words(title)
    the.display.press("ctrl+shift+x")
    the.wait("State", "off")
