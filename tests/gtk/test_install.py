# SPDX-License-Identifier: GPL-2.0-or-later
"""What `meson install` puts where a desktop looks for it."""
import configparser
import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from states import picture_names

NAME = "org.sighej.SigHej"
TOOL_SECONDS = 120
WHERE = {
    "program": "bin/sighej",
    "desktop": f"share/applications/{NAME}.desktop",
    "metainfo": f"share/metainfo/{NAME}.metainfo.xml",
    "service": f"share/dbus-1/services/{NAME}.service",
    "schema": f"share/glib-2.0/schemas/{NAME}.gschema.xml",
    "icon": f"share/icons/hicolor/scalable/apps/{NAME}.svg",
    "symbolic icon": f"share/icons/hicolor/symbolic/apps/{NAME}-symbolic.svg",
    "Danish": "share/locale/da/LC_MESSAGES/sighej.mo",
}
PICTURE_SITE = "https://sighej.org/screenshots/"


def tool(*argv):
    """What it says; it must be content."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=TOOL_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prefix(build, tmp_path_factory):
    """Where all is, as below /usr."""
    staging = str(tmp_path_factory.mktemp("staging"))
    tool("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", staging)
    with open(os.path.join(build, "meson-info/intro-buildoptions.json"), encoding="utf-8") as file:
        options = {option["name"]: option["value"] for option in json.load(file)}
    return staging + options["prefix"]


@pytest.fixture(scope="module")
def entry(prefix):
    """The desktop file."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(os.path.join(prefix, WHERE["desktop"]), encoding="utf-8")
    return parser


@pytest.mark.parametrize("what", WHERE)
def test_it_is_where_a_desktop_looks(prefix, what):
    assert os.path.getsize(os.path.join(prefix, WHERE[what])) > 0


def test_the_desktop_file_is_valid(prefix, entry):
    assert tool("desktop-file-validate", os.path.join(prefix, WHERE["desktop"])) == ""
    main = entry["Desktop Entry"]
    assert (main["Icon"], main["DBusActivatable"], main["Exec"]) == (NAME, "true", "sighej")
    assert main["Actions"] == "open;close-session;"     # the names of the program's own actions
    opens, closes = entry["Desktop Action open"], entry["Desktop Action close-session"]
    assert (opens["Name"], opens["Name[da]"]) == ("Open to talk", "Åben for en snak")
    assert (closes["Name"], closes["Name[da]"]) == ("Close", "Luk")
    assert (opens["Exec"], closes["Exec"]) == ("sighej --open", "sighej --close")


@pytest.mark.parametrize("key", ["Name", "GenericName", "Comment", "Keywords"])
def test_the_desktop_file_is_danish_too(entry, key):
    main = entry["Desktop Entry"]
    assert main[key] and main[key + "[da]"]
    assert (main[key] == main[key + "[da]"]) == (key == "Name")


def test_the_bus_can_start_it(prefix):
    service = configparser.ConfigParser()
    service.read(os.path.join(prefix, WHERE["service"]))
    section = service["D-BUS Service"]
    program, argument = section["Exec"].split()
    assert (section["Name"], argument) == (NAME, "--gapplication-service")
    assert prefix.endswith(program.removesuffix("/bin/sighej"))


def test_the_metainfo_is_valid(prefix):
    path = os.path.join(prefix, WHERE["metainfo"])
    assert "successful" in tool("appstreamcli", "validate", "--no-net", "--no-color", path)
    root = ElementTree.parse(path).getroot()
    assert root.findtext("id") == NAME
    summaries = root.findall("summary")
    assert len(summaries) == 2 and len({summary.text for summary in summaries}) == 2


def test_the_metainfo_shows_what_the_tests_take(prefix):
    root = ElementTree.parse(os.path.join(prefix, WHERE["metainfo"])).getroot()
    images = [image.text for image in root.iter("image")]
    assert len(images) == 8
    assert {image.removeprefix(PICTURE_SITE) for image in images} <= picture_names()


def test_the_tools_take_it(prefix, tmp_path):
    schemas = os.path.join(prefix, os.path.dirname(WHERE["schema"]))
    tool("glib-compile-schemas", "--strict", f"--targetdir={tmp_path}", schemas)
    icons = os.path.join(prefix, "share/icons/hicolor")
    tool("gtk4-update-icon-cache", "--ignore-theme-index", "--force", icons)
    tool("update-desktop-database", os.path.dirname(os.path.join(prefix, WHERE["desktop"])))


@pytest.mark.parametrize("icon, size", [("icon", 128), ("symbolic icon", 16)])
def test_icons_have_the_size_of_their_kind(prefix, icon, size):
    root = ElementTree.parse(os.path.join(prefix, WHERE[icon])).getroot()
    assert (root.get("width"), root.get("height")) == (str(size), str(size))
    assert root.get("viewBox") == f"0 0 {size} {size}"
    text = ElementTree.tostring(root, encoding="unicode")
    assert "href" not in text and "<image" not in text


def test_gtk_finds_the_icons(prefix, session):
    """Nothing else on the machine has icons of these names."""
    code = ("import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gdk, Gtk; Gtk.init();"
            "theme = Gtk.IconTheme.get_for_display(Gdk.Display.get_default());"
            f"print(theme.has_icon('{NAME}'), theme.has_icon('{NAME}-symbolic'))")
    process = session.start("icons", ["/usr/bin/python3", "-c", code],
                            XDG_DATA_DIRS=os.path.join(prefix, "share") + ":/usr/share")
    assert process.wait() == 0
    assert process.text().splitlines()[-1] == "True True"
