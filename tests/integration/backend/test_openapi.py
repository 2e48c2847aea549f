# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract: a valid document, the same paths as the program, and true of each answer it names."""

import os
import re
import secrets
import uuid

import pytest
from jsonschema import Draft202012Validator

import contract
from backendlib import WebSocket, read_all, read_answer, parse_answers

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
UNPROVOKED = {"500"}  # nothing of ours is known to break inside
SLOTS = 5  # connections of the backend that is full

# OpenAPI 3.1.0 section 4.8: which fields an object has, and which it must have ("!").
FIELDS = {
    "openapi": "openapi! info! jsonSchemaDialect servers paths webhooks components security tags externalDocs",
    "info": "title! summary description termsOfService contact license version!",
    "license": "name! identifier url",
    "server": "url! description variables",
    "tag": "name! description externalDocs",
    "components": "schemas responses parameters examples requestBodies headers securitySchemes links "
                  "callbacks pathItems",
    "path": "$ref summary description servers parameters get put post delete options head patch trace",
    "operation": "tags summary description externalDocs operationId parameters requestBody responses! "
                 "callbacks deprecated security servers",
    "parameter": "name! in! description required deprecated allowEmptyValue style explode allowReserved "
                 "schema! example examples",
    "body": "description content! required",
    "media": "schema example examples encoding",
    "response": "description! headers content links",
    "header": "description required deprecated style explode schema! example examples",
    "example": "summary description value externalValue",
    "security": "type! description name in scheme bearerFormat flows openIdConnectUrl",
}
REFERENCE = {"$ref", "summary", "description"}


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


# ---- the document ----

class Walk:
    """Visits each object of the document by its kind, and each schema."""

    def __init__(self):
        self.schemas, self.references, self.operation_ids, self.tags = [], set(), [], set()
        self.examples = []

    def fields(self, kind, node, where):
        assert isinstance(node, dict), where
        names = FIELDS[kind].split()
        extensions = {name for name in node if name.startswith("x-")}
        assert set(node) - extensions <= {name.rstrip("!") for name in names}, where
        assert {name[:-1] for name in names if name.endswith("!")} <= set(node), where

    def dereference(self, node, where):
        if "$ref" not in node:
            return node
        assert set(node) <= REFERENCE, where
        return contract.resolve(node)

    def schema(self, node, where):
        Draft202012Validator.check_schema(node)
        self.schemas.append((where, node))

    def media(self, content, where):
        for kind, media in content.items():
            assert re.fullmatch(r"[a-z]+/[a-z+-]+", kind), where
            self.fields("media", media, where)
            self.schema(media["schema"], where)
            if "example" in media:
                self.examples.append((where, media["schema"], media["example"]))
            for name, example in media.get("examples", {}).items():
                self.fields("example", example, where)
                self.examples.append((f"{where} {name}", media["schema"], example["value"]))

    def header(self, node, where):
        node = self.dereference(node, where)
        self.fields("header", node, where)
        self.schema(node["schema"], where)
        if "example" in node:
            self.examples.append((where, node["schema"], node["example"]))

    def response(self, node, where):
        node = self.dereference(node, where)
        self.fields("response", node, where)
        for name, header in node.get("headers", {}).items():
            assert name.lower() != "content-type", where
            self.header(header, f"{where} {name}")
        self.media(node.get("content", {}), where)

    def parameter(self, node, where):
        node = self.dereference(node, where)
        self.fields("parameter", node, where)
        assert node["in"] in ("query", "header", "path", "cookie"), where
        assert node["in"] != "path" or node["required"] is True, where
        self.schema(node["schema"], where)
        if "example" in node:
            self.examples.append((where, node["schema"], node["example"]))
        return (node["in"], node["name"])

    def operation(self, node, where, inherited):
        self.fields("operation", node, where)
        parameters = [self.parameter(parameter, where) for parameter in node.get("parameters", [])]
        assert len(set(parameters)) == len(parameters), where
        self.tags |= set(node["tags"])
        self.operation_ids += [node["operationId"]] if "operationId" in node else []
        assert node["responses"] and all(re.fullmatch(r"[1-5]\d\d", s) for s in node["responses"]), where
        for status, response in node["responses"].items():
            self.response(response, f"{where} {status}")
        if "requestBody" in node:
            self.fields("body", node["requestBody"], where)
            self.media(node["requestBody"]["content"], where)
        for requirement in node.get("security", []):
            for name in requirement:
                assert name in contract.document()["components"]["securitySchemes"], where
        return parameters + inherited

    def path(self, template, node):
        self.fields("path", node, template)
        assert template.startswith("/")
        if "$ref" in node:
            assert set(node) == {"$ref"}, template
            node = contract.resolve(node)
            self.fields("path", node, template)
            return
        for server in node.get("servers", []):
            self.fields("server", server, template)
        inherited = [self.parameter(parameter, template) for parameter in node.get("parameters", [])]
        self.response(node["x-sighej-other-methods"], template)
        for method in contract.METHODS:
            if method in node:
                parameters = self.operation(node[method], f"{method} {template}", inherited)
                assert {name for place, name in parameters if place == "path"} \
                    == set(re.findall(r"{(\w+)}", template)), template

    def components(self, node):
        self.fields("components", node, "components")
        for name in (name for kind in node.values() for name in kind):
            assert re.fullmatch(r"[A-Za-z0-9._-]+", name), name
        for name, schema in node["schemas"].items():
            self.schema(schema, name)
            self.examples += [(name, schema, example) for example in schema.get("examples", [])]
            for target in schema.get("discriminator", {}).get("mapping", {}).values():
                assert {"$ref": target} in schema["oneOf"], name
        for name, response in node["responses"].items():
            self.response(response, name)
        for name, parameter in node["parameters"].items():
            self.parameter(parameter, name)
        for name, header in node["headers"].items():
            self.header(header, name)
        for name, scheme in node["securitySchemes"].items():
            self.fields("security", scheme, name)
            assert scheme["type"] in ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect")
            assert scheme["type"] != "http" or scheme["scheme"] == "bearer"


@pytest.fixture(scope="module")
def walk():
    document = contract.document()
    found = Walk()
    found.fields("openapi", document, "the document")
    found.fields("info", document["info"], "info")
    found.fields("license", document["info"]["license"], "license")
    assert not {"identifier", "url"} <= set(document["info"]["license"])
    for server in document["servers"]:
        found.fields("server", server, "servers")
    for tag in document["tags"]:
        found.fields("tag", tag, "tags")
    for template, item in document["paths"].items():
        found.path(template, item)
    found.components(document["components"])
    return found


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_is_openapi_3_1(walk):
    document = contract.document()
    assert document["openapi"] == "3.1.0"
    assert document["jsonSchemaDialect"] == Draft202012Validator.META_SCHEMA["$id"]
    assert len(walk.schemas) > 100
    assert len(set(walk.operation_ids)) == len(walk.operation_ids)
    names = [tag["name"] for tag in document["tags"]]
    assert set(names) == walk.tags and len(set(names)) == len(names)


def test_every_reference_leads_somewhere_and_everything_is_referred_to():
    document = contract.document()
    found = set(references(document))
    assert len(found) > 40
    for pointer in found:
        contract.look_up(pointer)
    parts = {f"#/components/{kind}/{name}" for kind, members in document["components"].items()
             for name in members if kind != "securitySchemes"}
    assert parts - found == set()


def test_every_example_is_as_its_schema_says(walk):
    assert len(walk.examples) > 20
    for where, schema, example in walk.examples:
        contract.check_value(schema, example, where)


def test_templates_do_not_collide():
    shapes = [re.sub(r"{\w+}", "{}", template) for template in contract.document()["paths"]]
    assert len(set(shapes)) == len(shapes)


# ---- and the program's table of routes, both ways ----

def routes_of_the_program():
    table = read("backend/http/sighej-server.c")
    table = table[table.index("static const Route routes[]"):]
    table = table[:table.index("};")].replace('API_PREFIX "', '"/api/v1')
    kinds = {"SIGHEJ_SERVER_PUBLIC": ["public"], "SIGHEJ_SERVER_ADMIN": ["admin"],
             "EVERYWHERE": ["public", "admin"]}
    rows = re.findall(r'\{ "(\w+)", "([^"]+)", (\w+), (TRUE|FALSE), \w+(?:, TRUE)? \}', re.sub(r"\s+", " ", table))
    assert len(rows) == table.count("{ \"")
    for method, pattern, kind, both in rows:
        pattern += "{}" if pattern.endswith("/") else ""
        for listener in kinds[kind]:
            for prefix in ("", "/api/v1") if both == "TRUE" else ("",):
                yield listener, prefix + pattern, method
                if method == "GET":
                    yield listener, prefix + pattern, "HEAD"
                yield listener, prefix + pattern, "OPTIONS"


def test_it_names_every_route_and_no_other():
    named = {(listener, re.sub(r"{\w+}", "{}", template), method)
             for listener, template, method, _ in contract.operations()}
    served = set(routes_of_the_program())
    assert len(served) > 60
    assert (named - served, served - named) == (set(), set())


def test_it_says_which_methods_a_path_takes(backend):
    for (listener, template), item in contract.paths().items():
        path = fill(template)
        answer = backend.request("OPTIONS", path, admin=listener == "admin")
        assert set(answer.headers["allow"].split(", ")) \
            == {method.upper() for method in contract.METHODS if method in item}, path


def test_it_is_served_as_it_was_built(backend):
    for admin in (False, True):
        answer = backend.request("GET", "/openapi.json", admin=admin)
        assert answer.status == 200
        assert answer.json == contract.document()
        again = backend.request("GET", "/openapi.json", admin=admin, If_None_Match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")


# ---- problems ----

def problem_types():
    return contract.document()["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]


def test_every_problem_type_resolves(backend):
    for kind in problem_types():
        for admin in (False, True):
            page = backend.request("GET", kind, admin=admin)
            assert page.status == 200, kind
            assert "What to do next" in page.body.decode()
            assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert backend.request("GET", "/problems/nothing").status == 404
    assert backend.request("GET", "/problems/").status == 404


def test_every_page_s_type_is_of_the_tables(backend):
    pages = set(re.findall(r'(?m)^  \{ "([a-z-]+)",', read("backend/http/sighej-problem-page.c")))
    table = set(re.findall(r'\d{3},\s*"([a-z-]+)"', read("common/sighej-error.c")))
    of_heads = set(re.findall(r'\{ \d{3}, "([a-z-]+)"',
                              read("backend/http/sighej-head.c") + read("backend/http/sighej-guard-stream.c")))
    assert len(table) > 20 and len(of_heads) >= 4
    assert pages == table | of_heads
    assert {kind.removeprefix("/problems/") for kind in problem_types()} <= pages
    for kind in pages:
        assert backend.request("GET", "/problems/" + kind).status == 200, kind


def test_every_problem_a_client_can_meet_is_listed():
    """Those of the table with a status of their own; 500 stands for one only."""
    rows = re.findall(r'(\d{3}),\s*"([a-z-]+)"', read("common/sighej-error.c"))
    local = {"not-permitted", "refused", "expired", "gone", "not-supported", "invalid-duration"}
    met = {kind for status, kind in rows if status != "500"} - local | {"internal"}
    listed = {kind.removeprefix("/problems/") for kind in problem_types()}
    assert listed - {"timeout", "url-too-long", "headers-too-large", "http-version"} == met


# ---- every answer it names, from the program ----

def fill(template):
    return template.replace("{ble_token}", "abc").replace("{type}", "conflict")


class Provoker:
    """Provokes each answer on each path; backendlib holds it to the contract."""

    def __init__(self, make_backend):
        self.backend = make_backend(SESSIONS_PER_ADDRESS="0", BODY_TIMEOUT_SECONDS="1",
                                    ALLOWED_ORIGINS="https://ok.example")
        self.limited = make_backend(SESSIONS_PER_ADDRESS="2", SIGHTINGS_BURST="1", SIGHTINGS_PER_MINUTE="1",
                                    REPORTS_PER_HOUR="1")
        self.seen = set()
        self.here = None

    def note(self, answer):
        listener, template, method = self.here
        contract.check(method, fill(template), answer, listener == "admin")
        self.seen.add((*self.here, str(answer.status)))
        return answer

    def send(self, backend=None, path=None, body=None, **headers):
        listener, template, method = self.here
        return self.note((backend or self.backend).request(
            method, path or fill(template), body, listener == "admin", **headers))

    def raw(self, *lines, version="HTTP/1.1", query="", host="Host: a"):
        listener, template, method = self.here
        head = "\r\n".join([f"{method} {fill(template)}{query} {version}", host, *lines, "", ""])
        with self.backend.connect(listener == "admin") as connection:
            connection.sendall(head.encode("latin-1"))
            answer = read_answer(connection, head_only=False)
        return self.note(answer)

    # refusals of heads, the same everywhere

    def everywhere(self):
        self.raw("Host: b")
        self.send(body="{}" if self.here[2] == "POST" else None, Origin="https://evil.example")
        self.raw("Transfer-Encoding: chunked")
        self.raw("Content-Length: 999999")
        self.raw("Content-Length: 0", query="?" + "x" * 2048)
        self.raw("Content-Length: 0", *["X: y"] * 64)
        self.raw("Content-Length: 0", version="HTTP/2.0")

    def of_socket(self):
        if self.here[2] != "GET":
            return self.send(path="/ws/a.b")
        self.send(path="/ws/a.b")
        prefix = self.here[1].removesuffix("/ws/{ble_token}")
        session = self.backend.open_session()
        ws = WebSocket(self.backend, f"{prefix}/ws/{session.token}", Authorization=session.bearer)
        self.note(ws.answer)
        ws.receive_json("snapshot")
        ws.close()
        return None

    def of_post_session(self):
        body = {"ble_token": secrets.token_hex(10), "interests": ["jazz"]}
        key = str(uuid.uuid4())
        first = self.send(body=body, Idempotency_Key=key)
        again = self.send(body=body, Idempotency_Key=key)
        assert (first.status, again.status, first.body) == (201, 200, again.body)
        self.send(body={**body, "expires_in": 300}, Idempotency_Key=key)
        self.send(body=body)
        self.send(body=body, content_type="text/plain")
        for _ in range(3):
            self.send(self.limited, body={**body, "ble_token": secrets.token_hex(10)})

    def of_post_match(self):
        ann, bob = self.backend.open_session(), self.backend.open_session()
        body = {"own_token": ann.token, "detected_token": bob.token}
        key = str(uuid.uuid4())
        for _ in range(2):
            self.send(body=body, authorization=ann.bearer, Idempotency_Key=key)
        self.send(body={**body, "detected_token": "x"}, authorization=ann.bearer, Idempotency_Key=key)
        self.send(body=body)
        self.send(body=body, authorization=ann.bearer, content_type=None)
        eve = self.limited_session
        for _ in range(2):
            self.send(self.limited, body={**body, "own_token": eve.token}, authorization=eve.bearer)

    def of_post_said(self, body):
        """Reports and appeals: whatever they say, the answer is the same."""
        ann, eve = self.backend.open_session(), self.limited_session
        key = str(uuid.uuid4())
        first, again = (self.send(body=body, authorization=ann.bearer, Idempotency_Key=key)
                        for _ in range(2))
        assert (first.status, first.body, again.status, again.body) == (202, b"{}", 200, b"{}")
        self.send(body={**body, "text": "else"}, authorization=ann.bearer, Idempotency_Key=key)
        self.send(body=body)
        self.send(body=body, authorization=ann.bearer, content_type=None)
        for _ in range(2):
            self.send(self.limited, body=body, authorization=eve.bearer)

    def of_post(self, name):
        if name == "/session":
            self.of_post_session()
        elif name == "/match":
            self.of_post_match()
        else:
            self.of_post_said({"text": "it was not me"} if name == "/appeals"
                              else {"ticket": "Zm9v", "reason": "spam"})

    def of_session(self):
        self.send()
        self.send(authorization=self.backend.open_session().bearer)

    def of_tagged(self):
        etag = self.send().headers["etag"]
        self.send(If_None_Match=etag)

    def run(self):
        listener, template, method = self.here
        name = template.removeprefix("/api/v1")
        self.everywhere()
        if method == "OPTIONS":
            self.send()
            self.send(Origin="https://ok.example", Access_Control_Request_Method="POST")
        elif name.startswith("/ws/"):
            self.of_socket()
        elif method == "POST":
            self.of_post(name)
        elif name == "/session":
            self.of_session()
        elif name in ("/vocabulary", "/openapi.json", "/stats"):
            self.of_tagged()
        else:
            self.send()
            if "{type}" in template:
                self.send(path="/problems/nothing")


@pytest.fixture
def provoker(make_backend):
    provoker = Provoker(make_backend)
    provoker.limited_session = provoker.limited.open_session()
    return provoker


def bodies_that_do_not_come(provoker):
    waiting = []
    for listener, template, method, _ in contract.operations():
        connection = provoker.backend.connect(listener == "admin")
        connection.sendall(f"{method} {fill(template)} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{{"
                           .encode())
        waiting.append(((listener, template, method), connection))
    for provoker.here, connection in waiting:
        provoker.note(parse_answers(read_all(connection))[0])
        connection.close()


def a_server_that_is_full(provoker, make_backend):
    full = make_backend(MAX_CONNECTIONS=str(SLOTS))
    held = [full.connect() for _ in range(SLOTS)]
    for listener, template, method, _ in contract.operations():
        provoker.here = listener, template, method
        with full.connect(listener == "admin") as connection:
            provoker.note(read_answer(connection))
    for connection in held:
        connection.close()


def operators_without_the_token(provoker, make_backend, tmp_path):
    (tmp_path / "token").write_text("a-token-of-operators")
    (tmp_path / "token").chmod(0o600)
    closed = make_backend(ADMIN_TOKEN_FILE=str(tmp_path / "token"))
    for listener, template, method, operation in contract.operations():
        if {"operator": []} in operation.get("security", []):
            provoker.here = listener, template, method
            provoker.send(closed)
            provoker.send(closed, authorization="Bearer a-token-of-operators")


def test_each_answer_it_names_is_given_as_it_says(provoker, make_backend, tmp_path):
    named = {(listener, template, method, status)
             for listener, template, method, operation in contract.operations()
             for status in operation["responses"] if status not in UNPROVOKED}
    for listener, template, method, _ in contract.operations():
        provoker.here = listener, template, method
        provoker.run()
    bodies_that_do_not_come(provoker)
    a_server_that_is_full(provoker, make_backend)
    operators_without_the_token(provoker, make_backend, tmp_path)
    assert len(named) > 500
    assert sorted(named - provoker.seen) == []


def test_what_is_not_named_is_refused_as_it_says(backend):
    for admin in (False, True):
        assert backend.request("GET", "/nowhere", admin=admin).status == 404
        for listener, template in contract.paths():
            if (listener == "admin") != admin:
                continue
            for method in ("POST", "DELETE", "PUT", "PATCH", "TRACE"):
                if method.lower() not in contract.paths()[listener, template]:
                    assert backend.request(method, fill(template), "{}", admin).status == 405


def test_a_preflight_from_an_allowed_page(backend):
    answer = backend.request("OPTIONS", "/match", Origin="https://ok.example",
                             Access_Control_Request_Method="POST",
                             Access_Control_Request_Headers="authorization, content-type, idempotency-key")
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "traceparent", "x-request-id",
            "if-none-match"} == allowed
