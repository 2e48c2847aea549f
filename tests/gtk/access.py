# SPDX-License-Identifier: GPL-2.0-or-later
"""What a screen reader sees and does: AT-SPI, spoken over D-Bus itself.

Not through libatspi, which knows one bus in a process and keeps what it once saw: each look here asks
the program anew. GTK 4.8 tells of an accessible's being shown only by leaving those that are hidden
out of its parent's children, and by boxes without a size; so a look walks down from the windows.
"""
from collections import namedtuple

import gi
from gi.repository import Gio, GLib

from sighejrun import Failed, Run

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

REGISTRY, ROOT_PATH = "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"
CACHE_PATH, CACHE = "/org/a11y/atspi/cache", "org.a11y.atspi.Cache"
ACCESSIBLE, ACTION = "org.a11y.atspi.Accessible", "org.a11y.atspi.Action"
COMPONENT, TEXT, EDITABLE = ("org.a11y.atspi.Component", "org.a11y.atspi.Text",
                             "org.a11y.atspi.EditableText")
PROPERTIES = "org.freedesktop.DBus.Properties"
CALL_MS = 20000
WAIT_SECONDS = 30
WINDOW_COORDINATES = 1
TYPE_NAMES = ("Gtk", "Adw", "Sighej")        # GTK names a widget that has no name by its type

Box = namedtuple("Box", "x y width height")


def role_name(number):
    """As in Atspi.Role: push-button, label."""
    return Atspi.Role(number).value_nick


class Node:
    """One accessible, as it was when it was looked at."""

    def __init__(self, program, item):
        (_bus, self.path), _app, _parent, _index, _n_children, \
            self.interfaces, self.name, role, self.description, states = item
        self.program, self.role, self.parent, self.children = program, role_name(role), None, []
        bits = states[0] | states[1] << 32
        self.states = {Atspi.StateType(bit).value_nick for bit in range(64) if bits >> bit & 1}
        self._box = None

    def __repr__(self):
        return f"{self.role} “{self.name}”"

    @property
    def usable(self):
        return "sensitive" in self.states

    @property
    def is_named(self):
        return bool(self.name) and not self.name.startswith(TYPE_NAMES)

    @property
    def is_label(self):
        """Of whatever role: one that speaks up when it changes is no plain label."""
        return TEXT in self.interfaces and "editable" not in self.states

    def call(self, interface, method, signature=None, *arguments):
        return self.program.call(self.path, interface, method, signature, *arguments)

    def box(self):
        """Where it is in its window."""
        if self._box is None:
            self._box = Box(*self.call(COMPONENT, "GetExtents", "(u)", WINDOW_COORDINATES)[0])
        return self._box

    def line(self):
        """It and all it is in, the window last."""
        node = self
        while node:
            yield node
            node = node.parent

    @property
    def window(self):
        return list(self.line())[-1]

    def has_size(self):
        return all(node.box().width > 0 and node.box().height > 0 for node in self.line())

    def below(self):
        """It and all that is in it, in the order of the screen."""
        yield self
        for child in self.children:
            yield from child.below()

    def text(self):
        """What it shows, of a label or an entry; else its name."""
        if TEXT not in self.interfaces:
            return self.name
        return self.call(TEXT, "GetText", "(ii)", 0, -1)[0]

    def actions(self):
        if ACTION not in self.interfaces:
            return []
        n_actions = self.call(PROPERTIES, "Get", "(ss)", ACTION, "NActions")[0]
        return [self.call(ACTION, "GetName", "(i)", i)[0] for i in range(n_actions)]

    def act(self, name):
        """Does the action of that name."""
        names = self.actions()
        assert name in names, f"{self} can do {names}"
        assert self.call(ACTION, "DoAction", "(i)", names.index(name))[0], f"{self} did not {name}"

    def click(self):
        self.act(next(name for name in ("click", *self.actions()) if name in self.actions()))

    def write(self, text):
        assert self.call(EDITABLE, "SetTextContents", "(s)", text)[0], f"{self} takes no text"


class Program:
    """One that is on the accessibility bus."""

    def __init__(self, access, bus_name, name):
        self.access, self.bus_name, self.name = access, bus_name, name
        self.process = None                 # of sighejrun, when known

    def call(self, path, interface, method, signature=None, *arguments):
        return self.access.call(self.bus_name, path, interface, method, signature, *arguments)

    def pid(self):
        return self.access.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                "GetConnectionUnixProcessID", "(s)", self.bus_name)[0]

    def look(self):
        """The nodes of its windows that are not hidden."""
        children, level = {}, [ROOT_PATH]
        while level:
            answers = self.access.call_all(self.bus_name, level, ACCESSIBLE, "GetChildren")
            level = []
            for path, answer in answers.items():
                children[path] = [child for _bus, child in answer[0]]
                level += children[path]
        items = {item[0][1]: Node(self, item) for item in self.call(CACHE_PATH, CACHE, "GetItems")[0]}
        windows = [items[path] for path in children[ROOT_PATH] if path in items]
        for path, node in items.items():
            node.children = [items[child] for child in children.get(path, ()) if child in items]
            for child in node.children:
                child.parent = node
        for window in windows:
            window.parent = None
        return [node for window in windows for node in window.below()]

    def shown(self, role=None, name=None):
        """The nodes a person can see; none when the screen changed under the look."""
        try:
            return [node for node in self.look()
                    if role in (None, node.role) and name in (None, node.name) and node.has_size()]
        except GLib.Error:
            return []

    def windows(self):
        return [node for node in self.shown() if node.parent is None]

    def words(self):
        """All texts that are shown, but what can be typed."""
        return [node.name for node in self.shown() if node.is_label]

    def labels(self, words):
        """Those that show these words, by themselves or within a longer text."""
        return [node for node in self.shown() if node.is_label and words in node.name]

    def find(self, role, name):
        """Waits until there is one that can be used."""
        def found():
            return next((node for node in self.shown(role, name) if node.usable), None)
        return self.until(found, f"shows {role} “{name}”")

    def find_field(self, name):
        """What can be typed into."""
        def found():
            return next((node for node in self.shown(None, name) if "editable" in node.states), None)
        return self.until(found, f"shows the field “{name}”")

    def until(self, condition, what):
        """Waits, unless the program ends; says in the failure what was shown instead."""
        def alive_and():
            if self.process and not self.process.running():
                raise Failed(f"{self.name} ended with {self.process.wait()} before it {what}")
            return condition()
        try:
            return Run.until(alive_and, f"{self.name} {what}", WAIT_SECONDS)
        except Exception:
            print(f"{self.name} shows:\n{self.tree()}")
            raise

    def wait_words(self, *words):
        """Waits until each is shown, by itself or within a longer text."""
        def there():
            shown = self.words()
            return all(any(word in text for text in shown) for word in words)
        self.until(there, f"says {words}")

    def wait_gone(self, role, name):
        self.until(lambda: not any(node.role == role and node.name == name for node in self.shown()),
                   f"does not show {role} “{name}”")

    def click(self, role, name):
        self.find(role, name).click()

    def click_on(self, name):
        """What has this name and can be clicked, whatever it is."""
        def clicked():
            for node in self.shown():
                if (node.usable and not node.is_label and node.actions()
                        and (node.name == name or node.name.startswith(name + ":"))):
                    node.click()
                    return True
            return False
        self.until(clicked, f"shows “{name}” to click on")

    def tree(self):
        """For a person who writes a test: what is there, one line each."""
        try:
            return "\n".join("  " * len(list(node.line()))
                             + f"{node} {node.description} {tuple(node.box())} {sorted(node.states)}"
                             for node in self.look())
        except GLib.Error as error:
            return error.message


class Access:
    """The accessibility bus of a session, which starts it when first asked."""

    def __init__(self, session):
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                                    None, None, 0, CALL_MS, None).unpack()[0]
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.connection.set_exit_on_close(False)

    def call(self, bus_name, path, interface, method, signature=None, *arguments):
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.connection.call_sync(bus_name, path, interface, method, parameters, None, 0,
                                         CALL_MS, None).unpack()

    def call_all(self, bus_name, paths, interface, method):
        """The answers of these objects by path, asked all at once; of those that are there."""
        answers, left = {}, set(paths)

        def on_answer(connection, result, path):
            left.discard(path)
            try:
                answers[path] = connection.call_finish(result).unpack()
            except GLib.Error:
                pass                                    # it left the screen meanwhile
        for path in left.copy():
            self.connection.call(bus_name, path, interface, method, None, None, 0, CALL_MS, None,
                                 on_answer, path)
        context = GLib.MainContext.default()
        while left:
            context.iteration(True)
        return answers

    def programs(self):
        programs = []
        for bus_name, _path in self.call(REGISTRY, ROOT_PATH, ACCESSIBLE, "GetChildren")[0]:
            try:
                name = self.call(bus_name, ROOT_PATH, PROPERTIES, "Get", "(ss)", ACCESSIBLE, "Name")[0]
            except GLib.Error:
                continue                                # it has just ended
            programs.append(Program(self, bus_name, name))
        return programs

    def program(self, name):
        """Waits for the program of that name."""
        return Run.until(lambda: next((p for p in self.programs() if p.name == name), None),
                         f"{name} is on the accessibility bus")
