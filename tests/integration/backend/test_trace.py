# SPDX-License-Identifier: GPL-2.0-or-later
"""Traces: who may have himself sampled, what a collector is told, and that nothing waits for it."""

import http.server
import json
import os
import re
import threading
import time

import pytest

from backendlib import WAIT_SECONDS, WebSocket, wait_until
from test_metrics import TOP

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{SPAN}-01"
NOT_SAMPLED = f"00-{TRACE}-{SPAN}-00"


class Collector:
    """Takes OTLP over HTTP, or refuses it."""

    def __init__(self, status=200):
        collector = self
        self.bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.bodies.append((self.path, self.headers["Content-Type"], body.decode()))
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def spans(self):
        return [span for _, _, body in self.bodies
                for span in json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"]]

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


def attributes(span):
    return {pair["key"]: next(iter(pair["value"].values())) for pair in span["attributes"]}


def parse(header):
    return re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])", header).groups()


def busy_run(backend):
    """Opens two sessions that meet, with canaries wherever a client may put one."""
    first = backend.open_session(interests=["planted-interest"])
    second = backend.open_session(interests=["planted-interest"])
    ws = WebSocket(backend, f"/ws/{first.token}", Authorization=first.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    ws.receive_json("snapshot")
    backend.match(second, first.token)
    ws.send({"type": "sighting", "id": 1, "detected_token": second.token})
    assert ws.receive_json("sighting_result")["match"] is True
    backend.request("GET", "/planted-path", X_Request_Id="planted-request-id")
    backend.request("DELETE", "/session", authorization=second.bearer)
    ws.close()
    return [first.token, first.id, first.secret, second.token, second.id, second.secret, "planted",
            "127.0.0.1"]


def test_spans_of_a_busy_run_name_nobody(make_backend, collector):
    backend = make_backend(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACE_SAMPLE_PERCENT="100")
    canaries = busy_run(backend)
    assert backend.stop() == 0  # what is queued is sent before it ends
    assert all((path, kind) == ("/v1/traces", "application/json") for path, kind, _ in collector.bodies)
    text = "".join(body for _, _, body in collector.bodies)
    assert [canary for canary in canaries if canary.lower() in text.lower()] == []

    spans = collector.spans()
    names = {span["name"] for span in spans}
    assert {"/session", "/match", "/ws/", "sighting", "ledger write", "store sight",
            "store add_session"} <= names
    by_id = {span["spanId"]: span for span in spans}
    match = next(span for span in spans if span["name"] == "/match")
    assert match["kind"] == 2 and "parentSpanId" not in match
    assert attributes(match) == {"http.request.method": "POST", "http.route": "/match",
                                 "http.response.status_code": "200"}
    # Every call of the store is part of what asked for it.
    for span in spans:
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        if span["name"].startswith("store "):
            parent = by_id[span["parentSpanId"]]
            assert parent["traceId"] == span["traceId"] and span["kind"] == 3
    found = [span for span in spans if span["traceId"] == match["traceId"]]
    assert {"/match", "sighting", "store sight", "store find"} == {span["name"] for span in found}


def test_off_by_default(make_backend):
    backend = make_backend()
    assert "traceparent" not in backend.request("GET", "/health").headers
    trace_id, span_id, flags = parse(
        backend.request("GET", "/health", traceparent=SAMPLED).headers["traceparent"])
    assert (trace_id != TRACE, span_id != SPAN, flags) == (True, True, "00")


def test_a_stranger_has_himself_sampled_in_vain(make_backend, collector):
    backend = make_backend(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACE_SAMPLE_PERCENT="0")
    for header in (SAMPLED, NOT_SAMPLED):
        trace_id, _, flags = parse(
            backend.request("GET", "/health", traceparent=header).headers["traceparent"])
        assert trace_id != TRACE and flags == "00"
    for malformed in ("", "00", SAMPLED.upper(), SAMPLED + "-x", f"00-{'0' * 32}-{SPAN}-01"):
        assert "traceparent" not in backend.request("GET", "/health", traceparent=malformed).headers
    assert backend.stop() == 0
    assert collector.bodies == []


def test_a_trusted_proxy_s_trace_is_carried_on(make_backend, collector):
    backend = make_backend(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACE_SAMPLE_PERCENT="100",
                           TRUSTED_PROXIES="127.0.0.1")
    trace_id, span_id, flags = parse(
        backend.request("GET", "/health", traceparent=SAMPLED).headers["traceparent"])
    assert (trace_id, flags) == (TRACE, "01") and span_id != SPAN
    assert parse(backend.request("GET", "/health", traceparent=NOT_SAMPLED)
                 .headers["traceparent"])[2] == "00"
    assert backend.stop() == 0
    span, = [span for span in collector.spans() if span["traceId"] == TRACE]
    assert (span["spanId"], span["parentSpanId"]) == (span_id, SPAN)


def test_a_collector_that_refuses_is_told_of_once(make_backend):
    collector = Collector(503)
    try:
        backend = make_backend(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACE_SAMPLE_PERCENT="100")
        for _ in range(600):
            assert backend.request("GET", "/health").status == 200
        wait_until(lambda: collector.bodies, "the first batch")
        assert backend.stop() == 0
        assert backend.log().count("the collector does not take them: it answers 503") == 1
    finally:
        collector.close()


def test_a_collector_that_is_not_there_delays_nothing(make_backend):
    backend = make_backend(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", TRACE_SAMPLE_PERCENT="100")
    assert backend.request("GET", "/health").status == 200
    begin = time.monotonic()
    assert backend.stop() == 0
    assert time.monotonic() - begin < min(5, WAIT_SECONDS)


def test_the_proxies_hand_on_no_stranger_s_trace():
    """Behind a trusted proxy its word counts, so the shipped ones drop what clients send."""
    for name, line in (("haproxy.cfg", "http-request del-header traceparent"),
                       ("nginx.conf", 'proxy_set_header traceparent "";')):
        with open(os.path.join(TOP, "docs", "examples", name), encoding="utf-8") as file:
            assert line in file.read()
