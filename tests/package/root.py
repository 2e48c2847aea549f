# SPDX-License-Identifier: GPL-2.0-or-later
"""A root to install into, which goes when it is closed: this machine's in a mount namespace of its own, with an
overlay in memory above it. systemd does not run there, as in the chroot of an installer."""
import os
import shutil
import subprocess
import time

WAIT_SECONDS = 60
TICK_SECONDS = 0.02
COMMAND_SECONDS = 120
APART = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "unchanged", "sh", "-euc"]
# In a chroot / is no mount of its own, but /run is.
MAKE_PRIVATE = "mount --make-rprivate / 2>/dev/null || mount --make-rprivate /run\n"
# /over shows what was written above the machine's own, /under that itself. An index of all manual pages, made anew
# with every package, would take most of the time.
START = f"""{MAKE_PRIVATE}
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/over /run/work /run/root
mount -t overlay -o lowerdir=/,upperdir=/run/over,workdir=/run/work overlay /run/root
cd /run/root
mkdir over under
rm -f var/lib/man-db/auto-update
mount --bind /run/over over
mount --bind / under
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
exec chroot . sh -c 'echo ready; read -r _ || :'
"""
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}
# Nobody answers questions: an administrator's file is kept. The toggle needs a desktop, of which nothing is run here.
DPKG = ["dpkg", "--force-unsafe-io", "--force-confdef", "--force-confold", "--ignore-depends=gnome-shell"]
# What dpkg, and packages that were there before, keep for themselves.
KEPT_BY_OTHERS = (
    "/var/lib/dpkg/", "/var/log/", "/var/cache/", "/etc/ld.so.cache", "/etc/.pwd.lock",
    "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-",
    "/usr/share/applications/mimeinfo.cache", "/usr/share/glib-2.0/schemas/gschemas.compiled",
    "/usr/share/icons/hicolor/icon-theme.cache", "/var/lib/systemd/catalog/database", "/var/lib/man-db/auto-update",
    "/over", "/under")
# The kind of each path that was written: + not there before, - there no more, ! other than before.
# A whole folder that came counts as one.
CHANGES = r"""
import os, stat
def kind(over, under):
    try:
        mine = os.lstat(over)
    except FileNotFoundError:
        return None
    try:
        theirs = os.lstat(under)
    except FileNotFoundError:
        return None if stat.S_ISCHR(mine.st_mode) and mine.st_rdev == 0 else "+"
    if stat.S_ISCHR(mine.st_mode) and mine.st_rdev == 0:
        return "-"
    if stat.S_IFMT(mine.st_mode) != stat.S_IFMT(theirs.st_mode):
        return "!"
    same = [(s.st_mode, s.st_uid, s.st_gid) for s in (mine, theirs)]
    if same[0] != same[1]:
        return "!"
    if stat.S_ISREG(mine.st_mode) and open(over, "rb").read() != open(under, "rb").read():
        return "!"
    if stat.S_ISLNK(mine.st_mode) and os.readlink(over) != os.readlink(under):
        return "!"
    return None
for folder, folders, files in os.walk("/over"):
    for name in folders + files:
        path = os.path.join(folder, name)[5:]
        found = kind("/over" + path, "/under" + path)
        if found:
            print(found + path)
"""


class Root:
    """`with Root() as root:` a machine of its own for dpkg."""

    def __init__(self):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([*APART, START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = self.process.stdout.readline()
        assert said == "ready\n", "no root of its own can be made here"
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            inside = file.read().split()[0]
        self.folder = f"/proc/{inside}/root"
        self.enter = ["nsenter", f"--target={inside}", "--mount", "--pid", "--root", "--wd", "--"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        end = time.monotonic() + WAIT_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, "the root does not end"
            time.sleep(TICK_SECONDS)
        self.process.stdout.close()

    @staticmethod
    def can_be():
        """Whether this machine lets us: root, and overlays."""
        with open("/proc/filesystems", encoding="ascii") as file:
            overlays = "overlay" in file.read().split() or subprocess.run(
                ["modprobe", "overlay"], stderr=subprocess.DEVNULL, check=False).returncode == 0
        return os.geteuid() == 0 and overlays and subprocess.run(
            [*APART, MAKE_PRIVATE], stderr=subprocess.DEVNULL, check=False).returncode == 0

    def run(self, *words, ok=True):
        """What it says, both ways; it must be content unless ok is False."""
        done = subprocess.run([*self.enter, *words], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=COMMAND_SECONDS, check=False)
        assert not ok or done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def fails(self, *words):
        """Whether it is not content."""
        return subprocess.run([*self.enter, *words], env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=COMMAND_SECONDS).returncode != 0

    def dpkg(self, *words):
        """dpkg, that nobody answers."""
        return self.run(*DPKG, *words)

    def install(self, *files):
        """Packages, which are files of this machine."""
        for file in files:
            shutil.copy(file, self.path("/tmp"))
        said = self.dpkg("--install", *("/tmp/" + os.path.basename(file) for file in files))
        assert self.run("dpkg", "--audit") == ""
        return said

    def path(self, path):
        """Where it is for open() and friends; a link is followed in this machine's root, so look by is_there()."""
        return self.folder + path

    def is_there(self, path):
        """Also a link that leads nowhere."""
        return os.path.lexists(self.path(path))

    def read(self, path):
        """A file's text."""
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def write(self, path, text, mode=0o644):
        """As an administrator would."""
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(path), mode)

    def changes(self):
        """What is other than on this machine: +came, -gone, !changed; without what others keep for themselves."""
        lines = self.run("/usr/bin/python3", "-I", "-c", CHANGES).splitlines()
        return [line for line in lines if not line[1:].startswith(KEPT_BY_OTHERS)]
