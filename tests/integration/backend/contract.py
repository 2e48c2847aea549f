# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract as it is served (docs/openapi.yaml), and whether an answer is as it says.

backendlib holds every answer and message of every test to it."""

import functools
import json
import os
import re
import warnings

from jsonschema import Draft202012Validator

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from jsonschema import RefResolver

METHODS = ("get", "head", "post", "delete", "options", "put", "patch", "trace")
TRANSPORT = {"date", "content-type", "content-length", "connection"}  # HTTP's own, in every answer
PREFIX = "/api/v1"


@functools.cache
def document():
    with open(os.path.join(os.environ["SIGHEJ_BUILD"], "backend", "openapi.json"),
              encoding="utf-8") as file:
        return json.load(file)


@functools.cache
def resolver():
    return RefResolver.from_schema(document())


def look_up(pointer):
    assert pointer.startswith("#/"), pointer
    place = document()
    for step in pointer[2:].split("/"):
        place = place[step.replace("~1", "/").replace("~0", "~")]
    return place


def resolve(node):
    """What a Reference Object leads to."""
    while "$ref" in node:
        node = look_up(node["$ref"])
    return node


@functools.cache
def paths():
    """(listener, template) -> path item."""
    return {(listener, template): resolve(item) for template, item in document()["paths"].items()
            for listener in resolve(item)["x-sighej-listeners"]}


@functools.cache
def patterns():
    """The paths without parameters go first, as OpenAPI has it."""
    found = [(listener, template, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))))
             for listener, template in paths()]
    return sorted(found, key=lambda entry: entry[1].count("{"))


def find_path(path, admin):
    path = path.split("?", 1)[0]
    listener = "admin" if admin else "public"
    for where, template, pattern in patterns():
        if where == listener and pattern.fullmatch(path):
            return template
    return None


def operations():
    """Each (listener, template, method, operation)."""
    for (listener, template), item in paths().items():
        for method in METHODS:
            if method in item:
                yield listener, template, method.upper(), item[method]


# ---- one answer ----

@functools.cache
def validator(key):
    return Draft202012Validator(json.loads(key), resolver=resolver())


def undocumented(schema, value, where=""):
    """Members the schema does not name: a client need not mind them, but we want them written down."""
    while "$ref" in schema and "properties" not in schema:
        schema = resolve(schema)
    if "discriminator" in schema and isinstance(value, dict):
        pointer = schema["discriminator"]["mapping"].get(value.get("type"))
        return undocumented(look_up(pointer), value, where) if pointer else [where + "type"]
    if isinstance(value, list):
        return [name for item in value for name in undocumented(schema.get("items", {}), item, where + "[]")]
    if not isinstance(value, dict) or "properties" not in schema or schema.get("additionalProperties"):
        return []
    known = schema["properties"]
    return [where + "." + name for name in value if name not in known] \
        + [name for member in value if member in known
           for name in undocumented(known[member], value[member], where + "." + member)]


def check_value(schema, value, what):
    errors = [error.message for error in validator(json.dumps(schema)).iter_errors(value)]
    assert errors == [], f"{what}: {errors[:3]}"
    assert undocumented(schema, value) == [], what


def check_headers(response, answer, what, added):
    declared = {name.lower(): resolve(header) for name, header in response.get("headers", {}).items()}
    for name, header in declared.items():
        if name in answer.headers:
            check_value(header["schema"], answer.headers[name], f"{what}: {name}")
        else:
            assert not header.get("required"), f"{what}: {name} is missing"
    assert set(answer.headers) - set(declared) - TRANSPORT - added == set(), what
    names = [name.lower() for name, _ in answer.fields]
    assert len(names) == len(set(names)), f"{what}: a header stands twice: {names}"


def check_body(response, answer, what):
    content = response.get("content", {})
    kind = answer.headers.get("content-type", "").split(";")[0]
    if not content:
        assert kind == "" and answer.body == b"", f"{what}: {kind} {answer.body[:100]!r}"
        return
    assert kind in content, f"{what}: {kind}"
    if answer.body and kind.endswith("json"):
        check_value(content[kind]["schema"], json.loads(answer.body), what)


def find_response(method, path, status, admin):
    template = find_path(path, admin)
    item = paths().get(("admin" if admin else "public", template))
    of_heads = look_up("#/paths/~1health")["get"]["responses"]
    if item is None:
        return document()["x-sighej-other-paths"] if status == 404 else of_heads.get(str(status))
    if method.lower() not in item:
        return item["x-sighej-other-methods"] if status == 405 else of_heads.get(str(status))
    return item[method.lower()]["responses"].get(str(status))


def check(method, path, answer, admin=False, added=frozenset()):
    """Fails unless the contract knows this answer; @added: headers a proxy put in."""
    what = f"{method} {path[:80]} -> {answer.status}"
    if answer.status == 100:
        return
    response = find_response(method, path, answer.status, admin)
    assert response is not None, f"{what} is not in the contract: {answer}"
    response = resolve(response)
    check_headers(response, answer, what, added)
    check_body(response, answer, what)


def check_message(message):
    """A message of the server on a socket."""
    check_value({"$ref": "#/components/schemas/ServerMessage"}, message, "message")
