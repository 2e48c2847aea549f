# SPDX-License-Identifier: GPL-2.0-or-later
"""One container made by hand: python3 container.py <SPEC.json, as root.

Namespaces of its own for network, mounts, processes and IPC; a read-only root of /usr, an /etc that it is
given, and what is mounted; a user without capabilities who can gain none; the command as process 1. No image, no
cgroup, no seccomp filter. It prints the pid of process 1 and waits until a line is written to it (its network is
plugged in meanwhile), so it needs nothing but Linux: it works in a chroot and where nothing else may make containers.
"""
import ctypes
import json
import os
import resource
import signal
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
CAPABILITIES_MAX = 64
# It is a mount in every chroot, so what is mounted on it stays in this namespace; / and /tmp may be no mounts.
ROOT = "/proc"
LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), f"{name} {arguments}")


def mount(source, target, kind=None, flags=0, options=None):
    call("mount", *(word and word.encode() for word in (source, target, kind)), ctypes.c_ulong(flags),
         options and options.encode())


def seal(target):
    """Nobody writes there."""
    mount(None, target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)


def bind(source, target, read_only):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a", encoding="ascii"):
            pass
    mount(source, target, flags=MS_BIND | MS_REC)
    mount(None, target, flags=MS_PRIVATE | MS_REC)
    if read_only:
        seal(target)


def build_root(spec):
    mount(None, ROOT, flags=MS_PRIVATE | MS_REC)
    mount("root", ROOT, "tmpfs", MS_NOSUID, "mode=755")
    for name in ("usr", "dev"):
        bind(f"/{name}", f"{ROOT}/{name}", read_only=False)
    for name in ("bin", "lib", "lib64", "sbin"):
        os.symlink(f"usr/{name}", f"{ROOT}/{name}")
    mount("shm", f"{ROOT}/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    for target, options in spec["tmpfs"]:
        os.makedirs(ROOT + target, exist_ok=True)
        mount("tmpfs", ROOT + target, "tmpfs", MS_NOSUID | MS_NODEV, options)
    # Those that others lie in come first.
    for source, target, read_only in sorted(spec["binds"], key=lambda one: one[1]):
        bind(source, ROOT + target, read_only)
    for name in ("tmp", "proc"):
        os.makedirs(f"{ROOT}/{name}", exist_ok=True)
    seal(f"{ROOT}/usr")
    seal(ROOT)
    os.chroot(ROOT)
    os.chdir("/")
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)


def become(uid, gid):
    for number in range(CAPABILITIES_MAX):
        LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)  # the kernel knows fewer
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run_first(spec, ready):
    """What process 1 is."""
    for name, value in spec["sysctls"].items():
        with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
            file.write(str(value))
    build_root(spec)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(spec["descriptors"], hard),) * 2)
    os.write(ready, b"!")
    if sys.stdin.readline() == "":
        sys.exit("nobody plugged it in")
    become(spec["uid"], spec["gid"])
    os.umask(0o022)
    os.execvpe(spec["command"][0], spec["command"], spec["environment"])


def main():
    spec = json.loads(sys.stdin.readline())
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    call("unshare", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET)
    come, ready = os.pipe()
    pid = os.fork()
    if pid == 0:
        call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        run_first(spec, ready)
    os.close(ready)
    if os.read(come, 1):
        print(pid, flush=True)
    status = os.waitpid(pid, 0)[1]
    sys.exit(os.waitstatus_to_exitcode(status) & 0xff)


if __name__ == "__main__":
    main()
