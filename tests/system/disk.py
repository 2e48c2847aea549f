#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the disk of the virtual machine: what lies above this machine's own root filesystem there.

    disk.py [--root FOLDER] [--packages FOLDER] IMAGE

IMAGE becomes an ext4 file system for `vm-run -s`. On it is a machine as an administrator has it before
SigHej comes: three accounts, a PostgreSQL cluster with an empty database, a Redis with a password; nothing that this
machine has enabled, and none of its users' units. --root adds the files of FOLDER, --packages puts
Debian packages into /srv/packages. Nothing is mounted; who runs it must be root, for the owners of files.
"""
import argparse
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CONTROLLERS = os.path.join(HERE, "..", "vm", "ble-controllers.py")

IMAGE_MIB = 1024
PEOPLE = {"anna": 1101, "bo": 1102, "mallory": 1103}
LINGER = ["bo"]                 # whose user manager runs without a session
# Overlay folders that hide what this machine has there.
OPAQUE = ["etc/systemd/system", "etc/systemd/user", "var/lib/systemd", "var/log/journal", "var/lib/bluetooth",
          "etc/sighej", "etc/redis", "etc/postgresql", "var/lib/redis", "var/lib/postgresql", "var/lib/dbus",
          "var/lib/man-db"]              # without auto-update, or dpkg reads every manual page anew
# Files that are not there in the guest: with this one systemd takes the machine for a container, and then no mount of a
# service's namespace comes through (credentials are one).
HIDDEN = [".dockerenv"]
ENABLED = {
    "sysinit.target": ["hci-trace.service", "emulated-controllers.service"],
    "bluetooth.target": ["bluetooth.service"],
    "multi-user.target": ["redis-server.service", "postgresql.service", "anna-at-the-screen.service"],
}
# What an emulated processor would spend minutes on, or has no hardware for.
MASKED = ["systemd-networkd-wait-online.service", "systemd-firstboot.service", "systemd-hwdb-update.service",
          "ldconfig.service", "keyboard-setup.service", "console-setup.service", "networking.service",
          "apparmor.service", "serial-getty@.service", "getty@.service", "getty-static.service", "console-getty.service",
          "systemd-tmpfiles-clean.timer", "systemd-tmpfiles-setup-dev.service", "kmod-static-nodes.service", "systemd-binfmt.service",
          "proc-sys-fs-binfmt_misc.automount", "systemd-machine-id-commit.service", "systemd-repart.service",
          "systemd-udev-trigger.service", "systemd-pstore.service", "systemd-ask-password-wall.path",
          "systemd-pcrphase.service", "systemd-pcrphase-sysinit.service", "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_reap.service"]
POSTGRES_BIN = "/usr/lib/postgresql/15/bin"
POSTGRES_SECRET = "kanarie-postgres-4f1c"       # planted: must never be in the journal
REDIS_SECRET = "kanarie-redis-b7d2"
TEXTS = {
    "etc/fstab": "",
    "etc/hostname": "sighej-test\n",
    "etc/hosts": "127.0.0.1 localhost sighej-test\n",
    "etc/machine-id": "5167e100000000000000000000000007\n",
    "etc/systemd/journald.conf.d/test.conf": "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n",
    "etc/redis/redis.conf": "bind 127.0.0.1\nport 6379\ndir /var/lib/redis\nsave \"\"\nappendonly no\n"
                            "maxmemory-policy noeviction\nrequirepass %s\n" % REDIS_SECRET,
    # Debian leaves a PostgreSQL that was killed to its administrator; this one wants it back.
    "etc/systemd/system/postgresql@.service.d/again.conf": "[Service]\nRestart=on-failure\nRestartSec=1\n",
    "etc/postgresql/15/main/start.conf": "auto\n",
    "etc/postgresql/15/main/pg_ctl.conf": "pg_ctl_options = ''\n",
    "etc/postgresql/15/main/environment": "",
    "etc/postgresql/15/main/pg_ident.conf": "",
    "etc/postgresql/15/main/pg_hba.conf": "local all postgres peer\nhost all all 127.0.0.1/32 scram-sha-256\n",
    "etc/postgresql/15/main/postgresql.conf": """\
data_directory = '/var/lib/postgresql/15/main'
hba_file = '/etc/postgresql/15/main/pg_hba.conf'
ident_file = '/etc/postgresql/15/main/pg_ident.conf'
external_pid_file = '/var/run/postgresql/15-main.pid'
cluster_name = '15/main'
port = 5432
listen_addresses = '127.0.0.1'
unix_socket_directories = '/var/run/postgresql'
shared_buffers = 16MB
jit = off
log_timezone = 'Etc/UTC'
timezone = 'Etc/UTC'
""",
}


def die(text):
    sys.exit("tests/system/disk.py: " + text)


class Tree:
    """The upper layer, made in a folder of this machine."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, text, mode=0o644, user="root"):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)
        self.give(name, user)

    def make_folder(self, name, mode=0o755, user="root"):
        os.makedirs(self.path(name), exist_ok=True)
        os.chmod(self.path(name), mode)
        self.give(name, user)

    def give(self, name, user):
        uid = PEOPLE.get(user)
        gid = uid
        if uid is None:
            entry = pwd.getpwnam(user)
            uid, gid = entry.pw_uid, entry.pw_gid
        os.chown(self.path(name), uid, gid)

    def link(self, target, name):
        os.symlink(target, self.path(name))

    def append(self, name, lines):
        """To what this machine has in that file."""
        with open("/" + name, encoding="utf-8") as f:
            text = f.read()
        self.write(name, text + lines, os.stat("/" + name).st_mode & 0o777)
        os.chown(self.path(name), 0, os.stat("/" + name).st_gid)


def add_people(tree):
    tree.append("etc/passwd", "".join("%s:x:%d:%d::/home/%s:/bin/bash\n" % (n, uid, uid, n) for n, uid in PEOPLE.items()))
    tree.append("etc/group", "".join("%s:x:%d:\n" % (n, uid) for n, uid in PEOPLE.items()))
    tree.append("etc/shadow", "".join("%s:*:19000:0:99999:7:::\n" % n for n in PEOPLE))
    for name in PEOPLE:
        tree.make_folder("home/" + name, 0o700, name)
    for name in LINGER:
        tree.write("var/lib/systemd/linger/" + name, "")


def run_as_postgres(*argv, text=None):
    result = subprocess.run(["runuser", "-u", "postgres", "--", *argv], input=text, text=True, capture_output=True, cwd="/")
    if result.returncode != 0:
        die("%s failed: %s" % (argv[0], (result.stderr or result.stdout)[-1500:]))


def add_database(tree):
    """A cluster with an account and an empty database of its own."""
    cluster = "var/lib/postgresql/15/main"
    tree.make_folder("var/lib/postgresql", user="postgres")
    tree.make_folder("var/lib/postgresql/15", user="postgres")
    tree.make_folder(cluster, 0o700, "postgres")
    folder = tree.path(cluster)
    run_as_postgres(POSTGRES_BIN + "/initdb", "--no-sync", "--no-instructions", "--auth=peer", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--pgdata=" + folder)
    # One statement a line, by a server that listens to nobody.
    run_as_postgres(POSTGRES_BIN + "/postgres", "--single", "-F", "-D", folder, "postgres", text="".join((
        "CREATE ROLE sighej LOGIN PASSWORD '%s'\n" % POSTGRES_SECRET, "CREATE DATABASE sighej OWNER sighej\n")))
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        os.unlink(os.path.join(folder, name))


def merge(source, tree):
    """All of that folder, links as they are, everything root's."""
    for folder, folders, files in os.walk(source):
        relative = os.path.relpath(folder, source)
        for name in files + [n for n in folders if os.path.islink(os.path.join(folder, n))]:
            target = tree.path(os.path.normpath(os.path.join(relative, name)))
            shutil.copy2(os.path.join(folder, name), target, follow_symlinks=False)
            os.chown(target, 0, 0, follow_symlinks=False)


def fill(tree, options):
    merge(os.path.join(HERE, "files"), tree)
    for name, text in TEXTS.items():
        tree.write(name, text)
    for name in OPAQUE:
        tree.make_folder(name)
    for target, units in ENABLED.items():
        for unit in units:
            folder = "/etc/systemd/system/" if os.path.exists(tree.path("etc/systemd/system/" + unit)) else "/lib/systemd/system/"
            tree.link(folder + unit, "etc/systemd/system/%s.wants/%s" % (target, unit))
    tree.link("/lib/systemd/system/bluetooth.service", "etc/systemd/system/dbus-org.bluez.service")
    for unit in MASKED:
        tree.link("/dev/null", "etc/systemd/system/" + unit)
    tree.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0\n", 0o755)    # that of a build machine forbids to start services
    tree.link("/dev/null", "etc/systemd/system-generators/systemd-sysv-generator")
    tree.link("/dev/null", "etc/tmpfiles.d/tmp.conf")       # /tmp is this machine's, and the tests may lie there
    tree.make_folder("var/lib/redis", 0o750, "redis")
    tree.give("etc/redis/redis.conf", "redis")
    tree.make_folder("var/log/journal")
    tree.make_folder("usr/local/lib/sighej-test")
    shutil.copy2(CONTROLLERS, tree.path("usr/local/lib/sighej-test/ble-controllers.py"))
    add_people(tree)
    add_database(tree)
    if options.root:
        merge(options.root, tree)
    if options.packages:
        packages = [name for name in os.listdir(options.packages) if name.endswith(".deb")]
        if not packages:
            die("no Debian package in " + options.packages)
        for name in packages:
            shutil.copy2(os.path.join(options.packages, name), tree.path("srv/packages/" + name))


def make_image(folder, image):
    with open(image, "wb") as f:
        f.truncate(IMAGE_MIB << 20)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", folder, image], check=True)
    orders = "".join("ea_set /up/%s trusted.overlay.opaque y\n" % name for name in OPAQUE)
    orders += "cd /up\n" + "".join("mknod %s c 0 0\n" % name for name in HIDDEN)
    result = subprocess.run(["debugfs", "-w", "-f", "/dev/stdin", image], input=orders, text=True, capture_output=True, check=True)
    failed = [line for line in result.stderr.splitlines() if not line.startswith("debugfs 1.")]
    if failed:
        die("debugfs: " + "; ".join(failed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", help="a folder whose files are added")
    parser.add_argument("--packages", help="a folder with Debian packages")
    parser.add_argument("image")
    options = parser.parse_args()
    if os.geteuid() != 0:
        die("only root can give files to others: run it as root")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    with tempfile.TemporaryDirectory(prefix="sighej-disk.") as folder:
        os.chmod(folder, 0o755)
        os.mkdir(os.path.join(folder, "work"))
        fill(Tree(os.path.join(folder, "up")), options)
        make_image(folder, options.image)


if __name__ == "__main__":
    main()
