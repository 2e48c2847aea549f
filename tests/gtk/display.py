# SPDX-License-Identifier: GPL-2.0-or-later
"""An X display without a screen, with a window manager, and pictures of it.

The server keeps what it shows in a file, an X window dump, which is read instead of asking anybody for a
picture: that takes no round trip, and no program.
"""
import mmap
import os
import struct
import subprocess
import zlib

from sighejrun import Failed, Process

XWD = struct.Struct(">25I")
XWD_VERSION, BITS_PER_PIXEL = 7, 32
PNG_RGB8 = struct.pack(">BBBBB", 8, 2, 0, 0, 0)
COMPRESSION = 6
FRAME_PIXELS = 5                    # GTK's around a window, where nobody mixes windows
SAMPLE_STEP = 7                     # of the pixels that are looked at for their colours
XDOTOOL_SECONDS = 30

OPENBOX = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
</openbox_config>
"""


class Display:
    """Xvfb on a number that was free, for windows of this size, and openbox; both end with the run."""

    def __init__(self, run, width, height, name="display"):
        self.run, self.width, self.height = run, width, height
        self.screen = width + 2 * FRAME_PIXELS, height + 2 * FRAME_PIXELS
        folder = run.folder(name)
        self.server = run.add(Process("Xvfb", [
            "Xvfb", "-displayfd", "1", "-screen", "0", "{}x{}x24".format(*self.screen), "-fbdir",
            folder, "-nolisten", "tcp", "-noreset", "-nocursor"]))
        number = run.until(lambda: self.server.find(r"^\d+$") or not self.server.running(),
                           "the X server listens")
        if number is True:
            raise Failed("the X server does not start: " + self.server.text())
        self.name = ":" + number.group(0)
        rules = os.path.join(folder, "rc.xml")
        with open(rules, "w", encoding="utf-8") as file:
            file.write(OPENBOX)
        self.manager = run.add(Process("openbox", [
            "openbox", "--sm-disable", "--config-file", rules, "--startup", "echo managed"],
            env={**os.environ, "DISPLAY": self.name, "HOME": folder, "XDG_CACHE_HOME": folder}))
        self.manager.ends_with = None
        run.until(lambda: self.manager.find("^managed$"), "the window manager is there")
        self.file = os.path.join(folder, "Xvfb_screen0")

    def _dump(self):
        """(bytes in a line, all lines)"""
        with open(self.file, "rb") as file, \
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as dump:
            head = XWD.unpack(dump[:XWD.size])
            size, version, depth_bits, line, n_colours = head[0], head[1], head[11], head[12], head[19]
            assert (version, depth_bits) == (XWD_VERSION, BITS_PER_PIXEL)
            start = size + 12 * n_colours
            return line, dump[start:start + line * self.screen[1]]

    def picture(self):
        """What is shown now, without the frame."""
        line, pixels = self._dump()
        first = FRAME_PIXELS * line + 4 * FRAME_PIXELS
        return Picture(self.width, self.height, line, pixels[first:first + line * self.height])

    def still(self, like=lambda picture: True):
        """A picture that is like it should be and was the same twice."""
        last = []

        def settled():
            last.append(self.picture())
            return len(last) > 1 and last[-1].pixels == last[-2].pixels and like(last[-1])
        self.run.until(settled, "the screen is still")
        return last[-1]

    def xdotool(self, *arguments):
        done = subprocess.run(["xdotool", *arguments], env={**os.environ, "DISPLAY": self.name},
                              capture_output=True, text=True, timeout=XDOTOOL_SECONDS, check=True)
        return done.stdout

    def fill(self, title):
        """The window of that title fills the screen, as on a phone."""
        window = self.xdotool("search", "--sync", "--onlyvisible", "--name", f"^{title}$").split()[0]
        self._fill(window)

    def fill_active(self):
        """So does the window that has the keyboard."""
        self._fill(self.xdotool("getactivewindow").strip())

    def _fill(self, window):
        self.xdotool("windowmove", window, "0", "0", "windowsize", window, *map(str, self.screen))

    def press(self, *keys):
        """Keys as xdotool calls them: "ctrl+shift+x", "Tab"."""
        self.xdotool("key", "--clearmodifiers", "--delay", "0", *keys)

    def type(self, text):
        self.xdotool("type", "--clearmodifiers", "--delay", "0", text)

    def click(self, x, y):
        """With the pointer, where a person would; in the window that fills the screen."""
        self.xdotool("mousemove", str(x + FRAME_PIXELS), str(y + FRAME_PIXELS), "click", "1")


class Picture:
    def __init__(self, width, height, line, pixels):
        self.width, self.height, self.line, self.pixels = width, height, line, pixels

    def _rows(self):
        """RGB of each line."""
        for y in range(self.height):
            bgrx = self.pixels[y * self.line:y * self.line + 4 * self.width]
            row = bytearray(3 * self.width)
            row[0::3], row[1::3], row[2::3] = bgrx[2::4], bgrx[1::4], bgrx[0::4]
            yield bytes(row)

    def save(self, path):
        def chunk(kind, data):
            return (struct.pack(">I", len(data)) + kind + data
                    + struct.pack(">I", zlib.crc32(kind + data)))
        rows = b"".join(b"\0" + row for row in self._rows())
        size = struct.pack(">II", self.width, self.height)
        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + PNG_RGB8)
                       + chunk(b"IDAT", zlib.compress(rows, COMPRESSION)) + chunk(b"IEND", b""))

    def pixel(self, x, y):
        """(red, green, blue)"""
        at = y * self.line + 4 * x
        return self.pixels[at + 2], self.pixels[at + 1], self.pixels[at]

    def sample(self):
        return [self.pixel(x, y) for y in range(0, self.height, SAMPLE_STEP)
                for x in range(0, self.width, SAMPLE_STEP)]

    def n_colours(self):
        return len(set(self.sample()))

    def brightness(self):
        """0 (black) to 255, of most of it."""
        sums = sorted(sum(pixel) // 3 for pixel in self.sample())
        return sums[len(sums) // 2]
