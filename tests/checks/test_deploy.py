# SPDX-License-Identifier: GPL-2.0-or-later
"""What of deploy/ can be seen without Docker and Kubernetes: compose.yml by Debian's docker-compose and its schema,
the manifests by the types of Kubernetes' OpenAPI document (python3-kubernetes), and what they must say. tests/cell
runs the same files as plain processes."""
import ipaddress
import os
import re
import subprocess

import pytest
import yaml
from kubernetes.client import models

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRAIN_SECONDS = 10
BACKEND_SECRETS = {"interest-key", "admin-token", "redis-url", "database-url"}
# Of Kubernetes 1.23; the package knows 1.22, where the same fields had this name.
RENAMED = {"V2HorizontalPodAutoscaler": "V2beta2HorizontalPodAutoscaler"}


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


COMPOSE = yaml.safe_load(read("deploy/compose.yml"))
SERVICES = COMPOSE["services"]
MANIFESTS = {name: list(yaml.safe_load_all(read(f"deploy/kubernetes/{name}")))
             for name in sorted(os.listdir(os.path.join(TOP, "deploy/kubernetes")))}
OBJECTS = [(name, one) for name, documents in MANIFESTS.items() for one in documents]


def titles(objects):
    return [f"{one['kind']}-{one['metadata']['name']}" for _, one in objects]


def objects(kind):
    return [one for _, one in OBJECTS if one["kind"] == kind]


# ---- compose ----

def test_compose_is_understood(tmp_path):
    """docker-compose holds it against the schema of the Compose specification and resolves it."""
    for one in COMPOSE["secrets"].values():
        (tmp_path / "deploy" / one["file"]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "deploy" / one["file"]).touch()
    (tmp_path / "deploy/compose.yml").write_text(read("deploy/compose.yml"))
    done = subprocess.run(["docker-compose", "-f", tmp_path / "deploy/compose.yml", "config", "--quiet"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_services_may_do_little(name):
    service = SERVICES[name]
    uid, gid = service["user"].split(":")
    assert int(uid) >= 10000 and uid == gid
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & set(service)
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    shown = yaml.dump(service.get("environment", {})).lower()
    assert not re.search("password|token:|secret:|://", shown)


def test_only_the_proxy_is_published_and_only_its_network_has_a_way_out():
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["haproxy"]
    assert [name for name, one in COMPOSE["networks"].items() if not one.get("internal")] == ["front"]
    assert [name for name, one in SERVICES.items() if "front" in one["networks"]] == ["haproxy"]
    assert "stores" not in SERVICES["haproxy"]["networks"]


def test_addresses_fit_together():
    proxy = SERVICES["haproxy"]["networks"]["cell"]["ipv4_address"]
    servers = dict(re.findall(r"^    server (\w+) +(\S+) check$", read("deploy/haproxy.cfg"), re.MULTILINE))
    backends = {name: one for name, one in SERVICES.items() if name.startswith("backend-")}
    assert len(backends) == len(servers) >= 2
    for name, one in backends.items():
        settings, networks = one["environment"], one["networks"]
        assert settings["LISTEN"] == servers[name.removeprefix("backend-")]
        assert settings["LISTEN"] == networks["cell"]["ipv4_address"] + ":8080"
        assert settings["ADMIN_LISTEN"] == networks["operators"]["ipv4_address"] + ":8081"
        assert settings["TRUSTED_PROXIES"] == proxy
        assert set(settings["REQUIRED_CREDENTIALS"].split(",")) == set(one["secrets"]) == BACKEND_SECRETS
        assert int(one["stop_grace_period"].rstrip("s")) > DRAIN_SECONDS
    for one in SERVICES.values():
        networks = one["networks"] if isinstance(one["networks"], dict) else {}
        for network, wanted in networks.items():
            if "ipv4_address" in wanted:
                subnet = COMPOSE["networks"][network]["ipam"]["config"][0]["subnet"]
                assert ipaddress.ip_address(wanted["ipv4_address"]) in ipaddress.ip_network(subnet)


def test_haproxy_is_that_of_the_examples():
    """But for where things are in a container."""
    def rules(path):
        text = re.sub(r"\s+#.*", "", "\n" + read(path))
        return [line.strip() for line in text.splitlines()
                if line.strip() and not re.match(r"\s*(server|bind|maxconn|stats socket) ", line)]

    assert rules("deploy/haproxy.cfg") == rules("docs/examples/haproxy.cfg")


def test_secrets_are_made_once(tmp_path):
    def make(*options):
        return subprocess.run([os.path.join(TOP, "deploy/make-secrets"), "--owners=no", *options, tmp_path / "s"],
                              capture_output=True, text=True, check=False)

    assert make("--host=a b").returncode == 2
    assert make("--host=sighej.example").returncode == 0
    made = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    assert set(made) == {os.path.basename(one["file"]) for one in COMPOSE["secrets"].values()}
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in (tmp_path / "s").iterdir())
    assert make().returncode == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()} == made
    assert len(made["interest-key"]) == 32
    word = re.search(rb":(\w+)@redis:6379", made["redis-url"])[1]
    assert b" >" + word + b" " in made["redis-acl"]
    assert b":" + made["postgres-password"].strip() + b"@postgres/" in made["database-url"]
    (tmp_path / "s" / "redis-acl").unlink()
    done = make()
    assert done.returncode == 1 and "there is only one" in done.stderr


# ---- container files ----

def instructions(path):
    text = re.sub(r"(?m)^#.*\n", "", read(path)).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


CONTAINERFILES = sorted({one["build"]["dockerfile"] for one in SERVICES.values()})


@pytest.mark.parametrize("path", CONTAINERFILES)
def test_container_files(path):
    found = instructions(path)
    known = {"FROM", "RUN", "COPY", "USER", "EXPOSE", "VOLUME", "ENTRYPOINT"}
    assert {word for word, _ in found} <= known
    assert {rest.split()[0] for word, rest in found if word == "FROM"} == {"docker.io/library/debian:bookworm-slim"}
    users = {one["user"] for one in SERVICES.values() if one["build"]["dockerfile"] == path}
    assert [rest for word, rest in found if word == "USER"] == list(users)
    # Nothing is done as root behind it.
    assert [word for word, _ in found[[word for word, _ in found].index("USER"):]].count("RUN") == 0
    for word, rest in found:
        if word == "COPY" and not rest.startswith("--from="):
            assert os.path.exists(os.path.join(TOP, rest.split()[0])), rest
        if word == "RUN" and "apt-get install" in rest:
            assert "--no-install-recommends" in rest and "rm -rf /var/lib/apt/lists/*" in rest


def packages(run):
    return set(re.search(r"--no-install-recommends (.*?) &&", re.sub(r"\s+", " ", run))[1].split())


def test_the_backend_is_built_with_what_the_scripts_install_and_runs_with_what_it_needs():
    build, run = [packages(rest) for word, rest in instructions("deploy/Containerfile.backend")
                  if word == "RUN" and "apt-get install" in rest]
    assert build == set(re.search(r"(?s)PACKAGES_BUILD=\((.*?)\)", read("scripts/lib/setup.sh"))[1].split())
    program = os.path.join(os.environ["SIGHEJ_BUILD"], "backend", "sighej-backend")
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    direct = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
    paths = [found[1] for name in re.findall(r"NEEDED +(\S+)", direct)
             if (found := re.search(rf"{re.escape(name)} => (\S+)", linked))]
    # With and without /usr: packages have the one or the other.
    owned = subprocess.run(["dpkg", "-S", *paths, *("/usr" + path for path in paths)], capture_output=True, text=True,
                           check=False).stdout
    owners = {os.path.basename(path): package for package, path in re.findall(r"(?m)^([^:\n]+):\S* (\S+)$", owned)}
    assert set(owners) == {os.path.basename(path) for path in paths}
    assert set(owners.values()) <= run | {"libc6"}, owners


# ---- Kubernetes ----

def check_type(kind, value, where):
    """@value against a type of the OpenAPI document; unknown members and wrong types are named."""
    if kind in ("str", "datetime"):
        assert isinstance(value, str), f"{where}: {value!r} is no string"
    elif kind == "int":
        assert isinstance(value, int) and not isinstance(value, bool), f"{where}: {value!r} is no number"
    elif kind == "bool":
        assert isinstance(value, bool), f"{where}: {value!r} is neither true nor false"
    elif kind == "object":  # a number or a name, as a port is
        assert isinstance(value, (int, str)), f"{where}: {value!r}"
    elif kind.startswith("list["):
        assert isinstance(value, list), f"{where} is no list"
        for i, one in enumerate(value):
            check_type(kind[5:-1], one, f"{where}[{i}]")
    elif kind.startswith("dict("):
        assert isinstance(value, dict), f"{where} is no mapping"
        for name, one in value.items():
            check_type(kind[5:-1].split(", ")[1], one, f"{where}.{name}")
    else:
        check_model(getattr(models, kind), value, where)


def check_model(model, value, where):
    assert isinstance(value, dict), f"{where} is no mapping"
    by_name = {name: member for member, name in model.attribute_map.items()}
    given = {}
    for name, one in value.items():
        assert name in by_name, f"{where} has no {name}"
        check_type(model.openapi_types[by_name[name]], one, f"{where}.{name}")
        given[by_name[name]] = one
    try:
        model(**given)  # says what is missing, and which words are allowed
    except ValueError as problem:
        raise AssertionError(f"{where}: {problem}") from problem


def model_of(one):
    version = one["apiVersion"].rpartition("/")[2]
    name = version[0].upper() + version[1:] + one["kind"]
    return getattr(models, RENAMED.get(name, name))


@pytest.mark.parametrize("one", OBJECTS, ids=titles(OBJECTS))
def test_manifests_fit_the_schema(one):
    check_model(model_of(one[1]), one[1], f"{one[0]} {one[1]['kind']}")


def test_the_schema_is_held():
    one = objects("PodDisruptionBudget")[0]
    with pytest.raises(AssertionError, match="has no maxUnavailabel"):
        check_model(model_of(one), {**one, "spec": {**one["spec"], "maxUnavailabel": 1}}, "x")
    with pytest.raises(AssertionError, match="no mapping"):
        check_model(model_of(one), {**one, "spec": {**one["spec"], "selector": "app"}}, "x")
    service = objects("Service")[0]
    with pytest.raises(AssertionError, match="port"):
        check_model(model_of(service), {**service, "spec": {"ports": [{"name": "people"}]}}, "x")


def test_everything_the_issue_names_is_there():
    kinds = {one["kind"] for _, one in OBJECTS}
    assert kinds >= {"Deployment", "Service", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget",
                     "NetworkPolicy"}
    assert all(one["metadata"].get("namespace", "sighej") == "sighej" for _, one in OBJECTS)
    enforced = objects("Namespace")[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert enforced == "restricted"


PODS = {one["metadata"]["name"]: one["spec"]["template"] for one in objects("Deployment") + objects("StatefulSet")}
USERS = {"sighej-backend": 10001, "redis": 10002, "postgres": 10003}


@pytest.mark.parametrize("name", PODS)
def test_pods_are_restricted(name):
    spec = PODS[name]["spec"]
    assert spec["automountServiceAccountToken"] is False
    security = spec["securityContext"]
    assert security["runAsNonRoot"] is True and security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert security["runAsUser"] == security["runAsGroup"] == security["fsGroup"] == USERS[name]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    volumes = {one["name"]: one for one in spec["volumes"]}
    secrets = [one["secret"] for one in volumes.values() if "secret" in one]
    assert [one["defaultMode"] for one in secrets] == [0o440]
    for container in spec["containers"]:
        mine = container["securityContext"]
        assert mine["readOnlyRootFilesystem"] is True and mine["allowPrivilegeEscalation"] is False
        assert mine["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"] and "readinessProbe" in container
        assert "secretKeyRef" not in yaml.dump(container)
        # What no volume and no claim is called would be no file.
        claims = {one["metadata"]["name"] for one in workload(name)["spec"].get("volumeClaimTemplates", [])}
        assert {one["name"] for one in container["volumeMounts"]} == set(volumes) | claims
        assert all(one.get("readOnly") for one in container["volumeMounts"] if "secret" in volumes.get(one["name"], {}))


def workload(name):
    return next(one for one in objects("Deployment") + objects("StatefulSet") if one["metadata"]["name"] == name)


def test_the_backend_in_its_pod():
    spec = PODS["sighej-backend"]["spec"]
    backend = spec["containers"][0]
    assert backend["livenessProbe"]["httpGet"]["path"] == backend["startupProbe"]["httpGet"]["path"] == "/health/live"
    assert backend["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    before = int(backend["lifecycle"]["preStop"]["exec"]["command"][1])
    # The proxies have noticed before it stops, and it has the time to stop.
    probe = backend["readinessProbe"]
    assert before >= probe["periodSeconds"] * probe["failureThreshold"]
    assert spec["terminationGracePeriodSeconds"] > before + DRAIN_SECONDS
    settings = objects("ConfigMap")[0]["data"]
    assert set(settings["REQUIRED_CREDENTIALS"].split(",")) == BACKEND_SECRETS
    mounts = {one["mountPath"] for one in backend["volumeMounts"]}
    assert {settings["CREDENTIALS_DIRECTORY"], settings["STATE_DIRECTORY"]} <= mounts
    # An upgrade takes none away before its successor serves; a drained node takes one.
    assert workload("sighej-backend")["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    scaler = objects("HorizontalPodAutoscaler")[0]["spec"]
    assert scaler["scaleTargetRef"]["name"] == "sighej-backend" and scaler["minReplicas"] >= 2
    assert "replicas" not in workload("sighej-backend")["spec"]


def fits(selector, labels):
    return all(labels.get(name) == value for name, value in (selector or {}).get("matchLabels", {}).items())


def peer_fits(peer, namespace, labels):
    if "namespaceSelector" in peer and not fits(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace}):
        return False
    if "namespaceSelector" not in peer and namespace != "sighej":
        return False
    return fits(peer.get("podSelector"), labels)


def may(side, mine, namespace, labels, port):
    """Whether the policies let the pods @mine (by labels) hear from ("ingress") or speak to ("egress") a pod."""
    policies = [one["spec"] for one in objects("NetworkPolicy")
                if fits(one["spec"]["podSelector"], mine) and side.capitalize() in one["spec"]["policyTypes"]]
    assert policies, f"anything goes for {mine}"
    key = {"ingress": "from", "egress": "to"}[side]
    return any(peer_fits(peer, namespace, labels) and port in [one["port"] for one in rule["ports"]]
               for policy in policies for rule in policy.get(side, []) for peer in rule[key])


def test_the_network_policy_is_that_of_compose():
    """Who reaches whom. Ports go by the names of the pod that listens."""
    backend, redis, postgres = ({"app.kubernetes.io/name": name} for name in USERS)
    outside = {("haproxy-controller", "people"): True, ("haproxy-controller", "operators"): False,
               ("monitoring", "operators"): True, ("monitoring", "people"): False,
               ("default", "people"): False, ("default", "operators"): False, ("sighej", "people"): False}
    for (namespace, port), allowed in outside.items():
        assert may("ingress", backend, namespace, {}, port) is allowed, (namespace, port)
    for store, port in ((redis, 6379), (postgres, 5432)):
        assert may("ingress", store, "sighej", backend, port) and may("egress", backend, "sighej", store, port)
        for namespace in ("haproxy-controller", "monitoring", "default", "sighej"):
            assert not may("ingress", store, namespace, {}, port)
        assert not may("egress", store, "default", {}, 443) and not may("egress", store, "sighej", backend, "people")
    assert may("egress", backend, "kube-system", {}, 53) and not may("egress", backend, "default", {}, 443)
    # A pod of the namespace that nobody has thought of.
    other = {"app": "other"}
    assert not may("ingress", other, "sighej", {}, 80) and not may("egress", other, "sighej", {}, 80)


def test_names_lead_somewhere():
    ports = {name: {one["name"] for container in pod["spec"]["containers"] for one in container["ports"]}
             for name, pod in PODS.items()}
    for service in objects("Service"):
        name = service["spec"]["selector"]["app.kubernetes.io/name"]
        assert {one["targetPort"] for one in service["spec"]["ports"]} <= ports[name]
        assert fits({"matchLabels": service["spec"]["selector"]}, PODS[name]["metadata"]["labels"])
    target = objects("Ingress")[0]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    service = next(one for one in objects("Service") if one["metadata"]["name"] == target["name"])
    assert target["port"]["name"] in [one["name"] for one in service["spec"]["ports"]]
    assert fits(objects("PodDisruptionBudget")[0]["spec"]["selector"], PODS["sighej-backend"]["metadata"]["labels"])
