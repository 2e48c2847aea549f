#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/openapi.yaml as the JSON that is served at /openapi.json: openapi-to-json.py INPUT OUTPUT"""
import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Of YAML only what JSON can hold: a time is text, and a member stands once."""


def construct_mapping(loader, node):
    written = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
    doubled = {key for key in written if written.count(key) > 1}
    if doubled and not getattr(node, "flat", False):
        raise yaml.constructor.ConstructorError(None, None, f"stands twice: {doubled}", node.start_mark)
    loader.flatten_mapping(node)
    node.flat = True  # what was merged stands before what goes before it
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


Loader.add_constructor("tag:yaml.org,2002:map", construct_mapping)
Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)

with open(sys.argv[1], encoding="utf-8") as source:
    document = yaml.load(source, Loader)
with open(sys.argv[2], "w", encoding="utf-8") as target:
    json.dump(document, target, ensure_ascii=False, separators=(",", ":"))
