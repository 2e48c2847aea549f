# SPDX-License-Identifier: GPL-2.0-or-later
"""deploy/compose.yml without Docker: its services as plain processes in namespaces (container.py), its networks as
bridges in one more. What Docker would take from an image comes from this machine's /usr and /etc, with what the
Containerfiles copy."""
import contextlib
import ctypes
import ipaddress
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import yaml

from backendlib import WAIT_SECONDS, wait_until

TOP = pathlib.Path(__file__).parents[2]
DEPLOY = TOP / "deploy"
CONTAINER = pathlib.Path(__file__).with_name("container.py")
CLONE_NEWNET = 0x40000000
SIZES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # as Docker has it
# Where Docker would choose.
SUBNETS = {"front": "10.89.0.0/24"}
# What the programs look into, their packages' own configuration included.
OF_ETC = ("alternatives", "group", "haproxy", "ld.so.cache", "localtime", "nsswitch.conf", "passwd",
          "postgresql-common", "redis", "ssl")
LIBC = ctypes.CDLL(None, use_errno=True)


def can_be():
    """Whether namespaces can be made and joined: root, a kernel with bridges, and not in a container that forbids it."""
    return subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--propagation", "unchanged", "sh", "-c",
                           "ip link add bridge0 type bridge && ip link add plug0 type veth peer name plug1"],
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


@contextlib.contextmanager
def network_of(pid):
    """Sockets that this thread makes meanwhile are of that process's network."""
    with open("/proc/thread-self/ns/net", "rb") as ours, open(f"/proc/{pid}/ns/net", "rb") as theirs:
        def enter(namespace):
            if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"setns {pid}")

        enter(theirs)
        try:
            yield
        finally:
            enter(ours)


def ip(pid, *lines):
    """Commands of ip(8) in that process's network."""
    subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", "ip", "-batch", "-"], input="\n".join(lines) + "\n",
                   text=True, check=True)


class Place:
    """A network namespace with nobody in it, for as long as it is open."""

    def __init__(self):
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sh", "-c",
                                         "echo; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"\n"
        self.pid = self.process.pid
        ip(self.pid, "link set lo up")

    def close(self):
        self.process.stdin.close()
        self.process.wait(WAIT_SECONDS)
        self.process.stdout.close()


class Networks:
    """A bridge each, in a namespace of their own: the machine notices nothing."""

    def __init__(self, described):
        self.hub, self.subnets, self.taken, self.n_plugs = Place(), {}, {}, 0
        for name, network in described.items():
            given = [one["subnet"] for one in (network.get("ipam") or {}).get("config", [])]
            self.subnets[name] = ipaddress.ip_network((given or [SUBNETS[name]])[0])
            self.taken[name] = set()
            ip(self.hub.pid, f"link add name {name} up type bridge")

    def address(self, name, wanted=None):
        """The one that is wanted, or one that nobody has or wants: from the far end."""
        chosen = wanted or next(str(host) for host in reversed(list(self.subnets[name].hosts()))
                                if str(host) not in self.taken[name])
        self.taken[name].add(chosen)
        return chosen

    def plug(self, pid, addresses):
        """Gives that process's namespace an interface in each network: name -> address."""
        for i, (name, address) in enumerate(addresses.items()):
            self.n_plugs += 1
            # As Docker has it: who comes back under an address has the same hardware address too.
            hardware = "02:42:" + ":".join(f"{byte:02x}" for byte in ipaddress.ip_address(address).packed)
            ip(self.hub.pid, f"link add name plug{self.n_plugs} master {name} up type veth "
                             f"peer name eth{i} address {hardware} netns {pid}")
            ip(pid, f"addr add {address}/{self.subnets[name].prefixlen} dev eth{i}", f"link set eth{i} up")
        ip(pid, "link set lo up")

    def close(self):
        self.hub.close()


class Image:
    """What the containers see of this machine: /usr, an /etc of their own, and what is copied into an image."""

    def __init__(self, folder, program):
        self.folder = folder
        self.etc, self.bin = folder / "etc", folder / "bin"
        self.etc.mkdir()
        subprocess.run(["cp", "-a", *(f"/etc/{name}" for name in OF_ETC if os.path.lexists(f"/etc/{name}")), self.etc],
                       check=True)
        self.bin.mkdir()
        self.put_program(program)
        for name in ("sighej-ready", "postgres-start"):
            shutil.copy(DEPLOY / name, self.bin)
        for folder_in_etc in ("haproxy", "redis"):
            (self.etc / folder_in_etc).chmod(0o755)

    def put_program(self, program):
        """Another version of the backend, for those that start from now on. It is not written into: some run it."""
        shutil.copy(program, self.bin / "new")
        os.replace(self.bin / "new", self.bin / "sighej-backend")

    def add_users(self, services):
        for name, service in services.items():
            uid, gid = service["user"].split(":")
            user = "postgres" if name == "postgres" else f"sighej-{uid}"
            for path, line in (("passwd", f"{user}:x:{uid}:{gid}::/:/bin/sh\n"), ("group", f"{user}:x:{gid}:\n")):
                others = [one for one in (self.etc / path).read_text().splitlines(True)
                          if not one.startswith(f"{user}:")]
                (self.etc / path).write_text("".join(others) + line)

    def add_hosts(self, names):
        (self.etc / "hosts").unlink(missing_ok=True)
        (self.etc / "hosts").write_text("127.0.0.1 localhost\n" + "".join(
            f"{address} {name}\n" for name, address in names.items()))


def entrypoint(service):
    """The command of its Containerfile."""
    text = (TOP / service["build"]["dockerfile"]).read_text()
    return json.loads(re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)[-1])


class Container:
    def __init__(self, cell, name):
        self.cell, self.name, self.service = cell, name, cell.services[name]
        self.addresses, self.log_path = cell.addresses[name], cell.folder / f"{name}.log"
        self.stop_signal = getattr(signal, self.service.get("stop_signal", "SIGTERM"))
        self.process = None

    def spec(self, environment):
        service, uid = self.service, int(self.service["user"].split(":")[0])
        # What container.py always does, and Docker only when it is told.
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        return {"uid": uid, "gid": int(service["user"].split(":")[1]), "binds": self.binds(uid),
                "tmpfs": [one.split(":", 1) for one in service.get("tmpfs", [])],
                "sysctls": service.get("sysctls", {}), "command": entrypoint(service),
                "descriptors": service.get("ulimits", {}).get("nofile", 1024),
                "environment": {"PATH": PATH, **service.get("environment", {}), **environment}}

    def binds(self, uid):
        image = self.cell.image
        binds = [[str(image.etc), "/etc", True], [str(image.bin), "/usr/local/bin", True]]
        for secret in self.service.get("secrets", []):
            file = self.cell.compose["secrets"][secret]["file"]
            binds.append([str(self.cell.secrets / pathlib.Path(file).relative_to("secrets")), f"/run/secrets/{secret}",
                          True])
        for volume in self.service.get("volumes", []):
            source, target, *options = volume.split(":")
            binds.append([self.source(source, uid), target, "ro" in options])
        return binds

    def source(self, name, uid):
        """A file beside compose.yml; or a volume, which begins as the image has the folder."""
        if name.startswith("./"):
            return str(DEPLOY / name)
        assert name in self.cell.compose["volumes"]
        folder = self.cell.folder / "volumes" / name
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
            os.chown(folder, uid, uid)
        return str(folder)

    def start(self, **environment):
        """From the main thread, with which it would end."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([sys.executable, CONTAINER], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log)
        self.process.stdin.write(json.dumps(self.spec(environment)).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.log()
        self.pid = int(line)
        self.cell.networks.plug(self.pid, self.addresses)
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def run(self, *command):
        """As "docker exec" would: its exit status."""
        uid, gid = self.service["user"].split(":")
        variables = [f"{name}={value}" for name, value in {"PATH": PATH, **self.service.get("environment", {})}.items()]
        return subprocess.run(["nsenter", f"--target={self.pid}", "--net", "--mount", "--root", "--pid", "--",
                               "setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs",
                               "env", "--chdir=/", *variables, *command], capture_output=True, text=True,
                              timeout=WAIT_SECONDS, check=False)

    def stop(self):
        """As "docker stop": its exit status."""
        if self.process.poll() is None:
            os.kill(self.pid, self.stop_signal)
        return self.wait()

    def wait(self):
        try:
            return self.process.wait(WAIT_SECONDS)
        finally:
            self.process.kill()
            self.process.stdin.close()
            self.process.stdout.close()


class Composed:
    """All of it, and a client in the network that is published."""

    def __init__(self, folder, program, host):
        self.folder, self.compose = folder, yaml.safe_load((DEPLOY / "compose.yml").read_text())
        self.services, self.containers = self.compose["services"], {}
        self.image = Image(folder, program)
        self.image.add_users(self.services)
        self.secrets = folder / "secrets"
        subprocess.run([DEPLOY / "make-secrets", f"--host={host}", self.secrets], check=True)
        self.networks = Networks(self.compose["networks"])
        self.addresses = {name: self.choose(service["networks"]) for name, service in self.services.items()}
        self.image.add_hosts({name: addresses["stores"] for name, addresses in self.addresses.items()
                              if "stores" in addresses})
        self.client, self.operator = Place(), Place()

    def choose(self, networks):
        named = networks if isinstance(networks, dict) else {name: {} for name in networks}
        return {name: self.networks.address(name, one.get("ipv4_address")) for name, one in named.items()}

    def start(self):
        """The proxy last: it counts as up who has not failed yet."""
        behind = ("redis", "postgres", *self.backends)
        for name in (*behind, "haproxy"):
            self.containers[name] = Container(self, name)
        for name in behind:
            self.containers[name].start()
        for name in behind:
            self.wait_ready(name)
        self.containers["haproxy"].start()

    @property
    def backends(self):
        return [name for name in self.services if name.startswith("backend-")]

    def wait_ready(self, name):
        container = self.containers[name]

        def ready():
            assert container.process.poll() is None, container.log()
            return container.run(*container.service["healthcheck"]["test"][1:]).returncode == 0

        wait_until(ready, f"{name} to be ready")

    def stop(self):
        """How each ended. The proxy first, the stores last."""
        statuses = {name: container.stop() for name, container in reversed(self.containers.items())
                    if container.process is not None}
        for place in (self.client, self.operator):
            place.close()
        self.networks.close()
        return statuses
