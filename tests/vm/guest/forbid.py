# SPDX-License-Identifier: GPL-2.0-or-later
"""forbid.py PROGRAM [ARGUMENT...]: runs a program that may not open Bluetooth sockets.

As systemd's RestrictAddressFamilies does it without AF_BLUETOOTH: by a system call filter.
"""
import ctypes
import os
import sys

AF_BLUETOOTH, EAFNOSUPPORT = 31, 97
ALLOW, REFUSE = 0x7fff0000, 0x00050000 | EAFNOSUPPORT
EQUAL = 4                               # of the first argument


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int),
                ("value", ctypes.c_uint64), ("other", ctypes.c_uint64)]


def forbid():
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
                                               ctypes.POINTER(Comparison)]
    library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    rules = library.seccomp_init(ALLOW)
    call = library.seccomp_syscall_resolve_name(b"socket")
    first = Comparison(0, EQUAL, AF_BLUETOOTH, 0)
    if not rules or library.seccomp_rule_add_array(rules, REFUSE, call, 1, ctypes.byref(first)) != 0 \
            or library.seccomp_load(rules) != 0:
        sys.exit("cannot forbid Bluetooth sockets")


if __name__ == "__main__":
    forbid()
    os.execv(sys.argv[1], sys.argv[1:])
