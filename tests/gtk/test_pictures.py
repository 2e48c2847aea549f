# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state, in both languages, light and dark, with ordinary and with large text: a picture of each.

What is on a picture is asserted by the accessibles: the state's words in the person's language, all of
them within the smallest window. One client is walked through all states for each language and size of
text, and one in a wide window through a state of each kind of page.
"""
import os

import pytest

from client import Client, GtkDesk
from session import start_programs, start_session
from states import BY_NAME, FIRST_RUN, LANGUAGES, LOOKS, STATES, TEXTS, bring_about, picture_name, words

LARGE_PERCENT = 200
COLOURS_MIN = 8                     # of a picture with anything on it
DARK_MAX, LIGHT_MIN = 90, 160       # brightness
WIDE = (1024, 768)
NORMAL = (360, 640)
# What is laid out by the width differs by the page, not by what it says; interests flow into lines.
WIDE_STATES = ["off", "nudge", "meet", "talk", "bluetooth-missing", "interests"]

SETS = [(language, percent) for language in LANGUAGES for percent in (100, LARGE_PERCENT)]


def suffix(percent):
    return "-large" if percent != 100 else ""


def start_walk(request, build, size, language, percent, kind):
    for run in start_programs(request, build):
        for session in start_session(request, run, build, *size):
            session.set_toolkit(text_percent=percent, animations=False)
            desk = GtkDesk(session).start()
            yield language, kind, desk, Client(session, language=language)


@pytest.fixture(scope="module", params=SETS, ids=lambda s: s[0] + suffix(s[1]))
def walk(request, build):
    """(language, suffix, desk, client)"""
    language, percent = request.param
    yield from start_walk(request, build, NORMAL, language, percent, suffix(percent))


@pytest.fixture(scope="module")
def wide_walk(request, build):
    yield from start_walk(request, build, WIDE, "en", 100, "-wide")


def brightness_is(look):
    return lambda picture: (picture.n_colours() >= COLOURS_MIN
                            and (picture.brightness() <= DARK_MAX if look == "dark"
                                 else picture.brightness() >= LIGHT_MIN))


def assert_fits(client, text):
    """No window is wider than the screen, and the state's words are not cut off at its edge."""
    for window in client.program.windows():
        assert window.box().width <= client.display.width, window
    for label in client.program.labels(text):
        box, window = label.box(), label.window.box()
        assert box.x >= 0 and box.x + box.width <= window.width, label


# What a list's item is called is in it.
CONTROLS = {"push-button", "toggle-button", "check-box", "radio-button", "text", "entry", "combo-box",
            "slider", "spin-button", "menu-item", "link", "password-text"}


def assert_named(client):
    """A screen reader can say what each thing is that a person can use."""
    nameless = [node for node in client.program.shown()
                if node.role in CONTROLS and "focusable" in node.states and not node.is_named
                and node.parent.name != "AdwToastWidget"]       # its × has no name in libadwaita 1.2
    assert nameless == [], client.program.tree()


def take(walk, pictures, name, text):
    """Pictures of what is shown now, with these words on it."""
    language, kind, _desk, client = walk
    client.program.wait_words(text)
    for look in LOOKS:
        client.session.look_dark(look == "dark")
        picture = client.display.still(brightness_is(look))
        picture.save(os.path.join(pictures, picture_name(name, language, look, kind)))
    assert_fits(client, text)
    assert_named(client)


def show(walk, pictures, state):
    language, _kind, desk, client = walk
    bring_about(desk, client, state)
    if state.window:
        client.program.until(lambda: len(client.program.windows()) == 2, "shows another window")
        client.display.fill_active()
    take(walk, pictures, state.name, words(state, language))


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_state(walk, pictures, state):
    show(walk, pictures, state)


def test_first_run(walk, pictures):
    language, _kind, desk, client = walk
    desk.begin(client)
    desk.put("NoticeAccepted", "b", False)
    for page in FIRST_RUN:
        take(walk, pictures, page.name, words(page, language))
        client.program.click_on(TEXTS[language][page.button])
    client.program.until(lambda: desk.get("State") == "open", "opens with the last page")


@pytest.mark.parametrize("name", WIDE_STATES)
def test_state_in_a_wide_window(wide_walk, pictures, name):
    show(wide_walk, pictures, BY_NAME[name])
