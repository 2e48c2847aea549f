# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator is told: /metrics and /health/ready, and the documents and rules that go with them."""

import glob
import os
import re
import signal
import subprocess

import pytest

from backendlib import WebSocket, assert_problem, get, read_answer, wait_until
from cell import Redis, workers

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
SUFFIXES = {"counter": ["_total"], "gauge": [""], "info": ["_info"],
            "histogram": ["_bucket", "_sum", "_count"]}
SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z]+="[^"{}\\]*"(?:,[a-z]+="[^"{}\\]*")*)\})? (\S+)')


class Family:
    def __init__(self, kind):
        self.kind = kind
        self.unit = ""
        self.help = ""
        self.samples = {}  # (name, labels) -> text

    def __repr__(self):
        return f"<{self.kind} {self.samples}>"


def parse(text):
    """OpenMetrics 1.0, strictly: TYPE, UNIT, HELP, samples; nothing twice; # EOF at the end."""
    assert text.endswith("\n# EOF\n")
    families, current = {}, None
    for line in text.removesuffix("# EOF\n").splitlines():
        if line.startswith("# TYPE "):
            current, kind = line.split(" ")[2:]
            assert current not in families, line
            families[current] = Family(kind)
        elif line.startswith("# "):
            word, name, value = line[2:].split(" ", 2)
            assert name == current and not families[current].samples, line
            assert word in ("UNIT", "HELP") and not getattr(families[name], word.lower()), line
            setattr(families[name], word.lower(), value)
        else:
            parse_sample(line, current, families[current])
    return families


def parse_sample(line, name, family):
    sample, labels, value = SAMPLE.fullmatch(line).groups()
    assert sample.removeprefix(name) in SUFFIXES[family.kind], line
    assert (sample, labels) not in family.samples, line
    float(value)
    family.samples[(sample, labels)] = value


def scrape(backend, **headers):
    answer = backend.request("GET", "/metrics", admin=True, Accept=OPENMETRICS, **headers)
    assert answer.status == 200, answer
    return parse(answer.body.decode())


def value(backend, name, labels=None, **headers):
    families = scrape(backend, **headers)
    family = max((known for known in families if name.startswith(known)), key=len)
    return float(families[family].samples[(name, labels)])


@pytest.fixture(scope="module")
def families(backend):
    return scrape(backend)


# ---- the exposition ----

def test_it_is_openmetrics(backend, families):
    assert len(families) > 20
    for name, family in families.items():
        assert family.help.endswith("."), name
        assert not family.unit or name.endswith("_" + family.unit), name
        if family.kind == "histogram":
            check_histogram(name, family)
    answer = backend.request("GET", "/metrics", admin=True, Accept=OPENMETRICS)
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"


def check_histogram(name, family):
    counts = {}
    for (sample, labels), text in family.samples.items():
        if sample != name + "_bucket":
            continue
        others, bound = re.fullmatch(r'(?:(.*),)?le="([^"]+)"', labels).groups()
        counts.setdefault(others, []).append((float(bound), int(text)))
    for others, buckets in counts.items():
        assert buckets == sorted(buckets) and buckets[-1][0] == float("inf"), name
        assert [n for _, n in buckets] == sorted(n for _, n in buckets), name
        assert int(family.samples[(name + "_count", others)]) == buckets[-1][1], name


def test_promtool_finds_nothing_to_complain_of(backend):
    text = backend.request("GET", "/metrics", admin=True)
    assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    checked = subprocess.run(["promtool", "check", "metrics"], input=text.body, capture_output=True,
                             timeout=20, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_no_label_comes_from_outside(backend):
    """INTERFACES 8: the label values are those of an idle backend, whatever is asked for."""
    def labels():
        return {(name, key) for name, family in scrape(backend).items() for key in family.samples}
    before = labels()
    session = backend.open_session(interests=["planted-interest"])
    backend.match(session, "planted-token")
    backend.request("GET", "/planted-path")
    backend.request("PLANTED", "/health")
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    ws.receive_json("snapshot")
    ws.close()
    assert labels() == before
    text = backend.request("GET", "/metrics", admin=True).body.decode()
    assert "planted" not in text.lower() and session.token not in text and session.id not in text


def test_T_10_operators_only(make_backend, tmp_path):
    token = tmp_path / "token"
    token.write_text("an-operators-token-of-32-letters")
    token.chmod(0o600)
    backend = make_backend(ADMIN_TOKEN_FILE=str(token))
    assert_problem(backend.request("GET", "/metrics"), 404)
    assert_problem(backend.request("GET", "/metrics", admin=True), 401)
    assert_problem(backend.request("GET", "/metrics", admin=True, Authorization="Bearer wrong"), 401)
    assert scrape(backend, Authorization="Bearer an-operators-token-of-32-letters")


def test_it_counts_what_happens(make_backend):
    backend = make_backend()
    route = 'method="POST",route="/session",status="{}"'
    session = backend.open_session()
    assert backend.request("POST", "/session", {"ble_token": "x y"}).status == 400
    assert value(backend, "sighej_requests_total", route.format("2xx")) == 1
    assert value(backend, "sighej_requests_total", route.format("4xx")) == 1
    assert value(backend, "sighej_request_duration_seconds_count",
                 'method="POST",route="/session"') == 2
    backend.request("GET", "/nowhere")
    assert value(backend, "sighej_requests_total",
                 'method="other",route="other",status="4xx"') == 1

    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    ws.receive_json("snapshot")
    assert value(backend, "sighej_sockets_opened_total") == 1
    assert value(backend, "sighej_sockets", 'state="live"') == 1
    ws.close()
    wait_until(lambda: value(backend, "sighej_socket_closes_total", 'code="none"') == 1, "the close")
    assert value(backend, "sighej_sockets", 'state="live"') == 0
    assert value(backend, "process_open_fds") > 5
    assert 0 < value(backend, "sighej_descriptors_used_ratio") < 1
    assert value(backend, "process_resident_memory_bytes") > 1e6


def test_a_crash_takes_no_count_back(make_backend, tmp_path):
    """Any worker tells of all of them, also of those that are dead; what they held is gone."""
    redis = Redis(tmp_path)
    try:
        backend = make_backend(WORKERS="2", REDIS_URL=redis.url)
        session = backend.open_session()
        sockets = [WebSocket(backend, f"/ws/{backend.open_session().token}") for _ in range(10)]
        assert value(backend, "sighej_sockets", 'state="auth"') == 10
        assert value(backend, "sighej_workers") == 2
        for victim in workers(backend.pid):
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: len(set(workers(backend.pid)) - {victim}) == 2, "another worker")
        wait_until(lambda: value(backend, "sighej_workers") == 2, "it to serve")
        assert value(backend, "sighej_worker_restarts_total") == 2
        assert value(backend, "sighej_sessions_opened_total") == 11
        assert value(backend, "sighej_sockets_opened_total") == 10
        assert value(backend, "sighej_sockets", 'state="auth"') == 0
        assert backend.request("GET", "/session", authorization=session.bearer).status == 200
        for ws in sockets:
            ws.close()
    finally:
        redis.stop()


# ---- the documents ----

def read_source(name):
    [path] = glob.glob(os.path.join(TOP, "backend", "*", name))
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_every_metric_is_documented(families):
    """docs/metrics.md: a row for each, of its name, type and help, both ways."""
    with open(os.path.join(TOP, "docs", "metrics.md"), encoding="utf-8") as file:
        rows = re.findall(r"(?m)^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$", file.read())
    there = {name: (kind, labels.strip(), text.strip()) for name, kind, labels, text in rows}
    assert set(there) == {name + ("" if family.kind == "histogram" else SUFFIXES[family.kind][0])
                          for name, family in families.items()}
    for name, family in families.items():
        kind, labels, text = there[name + ("" if family.kind == "histogram"
                                           else SUFFIXES[family.kind][0])]
        assert (kind, text) == (family.kind, family.help), name
        used = {label for _, pairs in family.samples for label in re.findall(r'(\w+)="', pairs or "")}
        assert set(re.findall(r"`(\w+)`", labels)) == used - {"le"}, name


def test_every_route_has_its_label():
    """A route that is not in the table of metrics would be counted as "other"."""
    routes = re.findall(r'\{ "([A-Z]+)",\s*(API_PREFIX )?"([^"]+)",', read_source("sighej-server.c"))
    labels = re.findall(r'ROUTE \("([A-Z]+)", "([^"]+)"\)', read_source("sighej-metrics-table.c"))
    assert len(routes) > 10
    assert {(method, ("/api/v1" if prefix else "") + path) for method, prefix, path in routes} \
        <= set(labels)


# ---- readiness ----

def test_ready_names_its_parts(backend):
    for path in ("/health/ready", "/api/v1/health/ready"):
        for admin in (False, True):
            answer = backend.request("GET", path, admin=admin)
            assert answer.status == 200
            assert answer.json == {"status": "ok", "parts": {"store": "ok", "ledger": "ok",
                                                             "draining": False}}
    assert value(backend, "sighej_store_up") == 1
    assert value(backend, "sighej_ledger_up") == 1


def test_every_metric_is_counted_somewhere():
    header = read_source("sighej-metrics-table.h").split("} SighejMetric;")[0]
    names = re.findall(r"(?m)^  (SIGHEJ_METRIC_[A-Z_]+),$", header)
    files = [os.path.basename(path) for path in glob.glob(os.path.join(TOP, "backend", "*", "*.c"))]
    sources = "".join(read_source(name) for name in files if not name.startswith("sighej-metrics"))
    assert len(names) > 30
    assert [name for name in names if not re.search(rf"\b{name}\b", sources)] == []


def test_not_ready_while_it_drains(make_backend):
    """A proxy that kept its connection is told where it is, and that it should go elsewhere."""
    backend = make_backend()
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)  # holds it up
    ws.receive_json("snapshot")
    with backend.connect() as kept:
        kept.sendall(get("/health/ready"))
        assert read_answer(kept).status == 200
        backend.process.send_signal(signal.SIGTERM)
        assert ws.receive_close() == 1012
        kept.sendall(get("/health/ready"))
        answer = read_answer(kept)
        assert_problem(answer, 503, "unavailable")
        assert "draining" in answer.json["detail"]
    ws.close()
