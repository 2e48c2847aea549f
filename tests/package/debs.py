# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages as files: looking into them, and making others of them."""
import glob
import os
import re
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL_SECONDS = 120


def tool(*argv, **options):
    """What it says; it must be content."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TOOL_SECONDS,
                          check=False, **options)
    assert done.returncode == 0, f"{argv} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


class Debs:
    """The packages of one build; by name."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {os.path.basename(path).split("_")[0]: path
                      for path in glob.glob(os.path.join(folder, "*.deb"))}
        self.changes = glob.glob(os.path.join(folder, "*.changes"))

    def __getitem__(self, name):
        return self.files[name]

    def field(self, name, field):
        """Of its control file."""
        return tool("dpkg-deb", "--field", self[name], field).strip()

    def listing(self, name):
        """Its files and links: path -> (type and permissions, owner)."""
        found = {}
        for line in tool("dpkg-deb", "--contents", self[name]).splitlines():
            mode, owner, _, _, _, path = line.split(None, 5)
            if not mode.startswith("d"):
                found[path.split(" -> ")[0].removeprefix(".")] = (mode, owner)
        return found

    def unpack(self, name, folder):
        """All of it, what dpkg knows about it in DEBIAN."""
        tool("dpkg-deb", "--raw-extract", self[name], folder)
        return folder


def pack(folder, into):
    """A package of an unpacked one; where it is."""
    return re.search(r"in '(.*)'", tool("dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, into)).group(1)


def make_empty(folder, name, version):
    """A package of nothing, to depend on."""
    os.makedirs(os.path.join(folder, name, "DEBIAN"))
    with open(os.path.join(folder, name, "DEBIAN/control"), "w", encoding="utf-8") as file:
        file.write(f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody\n"
                   "Description: stands in for what is not here\n")
    return pack(os.path.join(folder, name), folder)


def make_older(debs, name, folder, version, edit):
    """The same package as it might have been before: edit(tree) changes what is in it."""
    tree = debs.unpack(name, os.path.join(folder, name))
    control = os.path.join(tree, "DEBIAN/control")
    with open(control, encoding="utf-8") as file:
        text = file.read()
    own = debs.field(name, "Version")
    text = re.sub(r"(?m)^Version: .*$", f"Version: {version}", text)
    # Packages of one build ask for each other.
    text = text.replace(f"(= {own})", f"(= {version})").replace(f"(>= {own})", f"(>= {version})")
    with open(control, "w", encoding="utf-8") as file:
        file.write(text)
    edit(tree)
    sums = os.path.join(tree, "DEBIAN/md5sums")
    with open(sums, "w", encoding="utf-8") as file:
        file.write(tool("sh", "-c", "find * -path DEBIAN -prune -o -type f -print0 | xargs -0 md5sum", cwd=tree))
    made = pack(tree, folder)
    shutil.rmtree(tree)
    return made
