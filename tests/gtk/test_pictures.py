# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state, in both languages, light and dark, with ordinary and with large text: a picture of each.

What is on a picture is asserted by the accessibles: the state's words in the person's language, all of
them within the smallest window. One client is walked through all states for each language and size.
"""
import os

import pytest

from client import Client, GtkDesk
from session import start_programs, start_session
from states import LANGUAGES, LOOKS, STATES, picture_name

LARGE_PERCENT = 200
COLOURS_MIN = 8                     # of a picture with anything on it
DARK_MAX, LIGHT_MIN = 90, 160       # brightness
WIDE = (1024, 768)
NORMAL = (360, 640)

SETS = [(language, percent, NORMAL) for language in LANGUAGES for percent in (100, LARGE_PERCENT)]
SETS.append(("en", 100, WIDE))


def suffix(percent, size):
    return "-large" if percent != 100 else "-wide" if size == WIDE else ""


@pytest.fixture(scope="module", params=SETS, ids=lambda s: s[0] + suffix(*s[1:]))
def walk(request, build):
    """(language, suffix, desk, client)"""
    language, percent, size = request.param
    for run in start_programs(request, build):
        for session in start_session(request, run, build, *size):
            session.set_toolkit(text_percent=percent, animations=False)
            desk = GtkDesk(session).start()
            yield language, suffix(percent, size), desk, Client(session, language=language)


def brightness_is(look):
    return lambda picture: (picture.n_colours() >= COLOURS_MIN
                            and (picture.brightness() <= DARK_MAX if look == "dark"
                                 else picture.brightness() >= LIGHT_MIN))


def assert_fits(client, words):
    """No window is wider than the screen, and the state's words are not cut off at its edge."""
    for window in client.program.windows():
        assert window.box().width <= client.display.width, window
    for label in client.program.labels(words):
        box, window = label.box(), label.window.box()
        assert box.x >= 0 and box.x + box.width <= window.width, label


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_state(walk, pictures, state):
    language, kind, desk, client = walk
    desk.begin(client)
    state.reach(desk)
    words = getattr(state, language)
    client.program.wait_words(words)
    for look in LOOKS:
        client.session.look_dark(look == "dark")
        picture = client.display.still(brightness_is(look))
        picture.save(os.path.join(pictures, picture_name(state.name, language, look, kind)))
    assert_fits(client, words)
