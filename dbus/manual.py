#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""manual.py XML VERSION: org.sighej(5), the manual page of the API, from its introspection XML.

The comment before each element is its text, in the form of gtk-doc: "Name:", "@argument: …", paragraphs.
"""
import re
import sys
import textwrap
import xml.etree.ElementTree as ET

ELEMENT = re.compile(r'<!--(.*?)-->\s*<(interface|method|signal|property) name="([\w.]+)"', re.S)
ACCESS = {"read": "read", "readwrite": "read and written", "write": "written"}
KINDS = (("method", "Methods"), ("signal", "Signals"), ("property", "Properties"))


def escape(text):
    """A line of text that troff takes for nothing else."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


class Comment:
    """What stands before an element: by argument, and in paragraphs."""

    def __init__(self, text, name):
        lines = textwrap.dedent(text.strip("\n").rstrip()).strip().split("\n")
        first = lines[0].strip().removeprefix(name + ":").strip()
        self.arguments, self.paragraphs = {}, []
        part = "\n".join(([first] if first else []) + [line.strip() for line in lines[1:]])
        argument = None
        for paragraph in part.split("\n\n"):
            kept = []
            for line in paragraph.split("\n"):
                match = re.match(r"@(\w+): (.*)", line)
                if match:
                    argument = match[1]
                    self.arguments[argument] = match[2]
                elif argument and line:
                    self.arguments[argument] += " " + line
                elif line:
                    kept.append(line)
            argument = None
            if kept:
                self.paragraphs.append(" ".join(kept))

    def print(self):
        for i, paragraph in enumerate(self.paragraphs):
            if i > 0:
                print(".IP")
            print(escape(paragraph))


def signature(element, direction):
    return ", ".join(f"{arg.get('type')} {arg.get('name')}" for arg in element.findall("arg")
                     if arg.get("direction", "out") == direction)


def print_member(kind, element, comment):
    name = element.get("name")
    print(".TP")
    if kind == "property":
        print(f".B {name}\n({element.get('type')}, {ACCESS[element.get('access')]})")
        print(".br")
    elif kind == "signal":
        print(f".B {name}\n({escape(signature(element, 'out'))})\n.br")
    else:
        answer = signature(element, "out")
        print(f".B {name}\n({escape(signature(element, 'in'))})" + (f" \\(-> ({escape(answer)})" if answer else ""))
        print(".br")
    comment.print()
    for argument, text in comment.arguments.items():
        print(f".RS\n.TP\n.I {argument}\n{escape(text)}\n.RE")


def print_interface(interface, comments):
    name = interface.get("name")
    comment = comments["interface", name, ""]
    print(f".SH {name}")
    about = comment.arguments.get("short_description", "")
    if about:
        print(escape(about[0].upper() + about[1:]) + ".")
    for paragraph in comment.paragraphs:
        print(".PP\n" + escape(paragraph))
    for kind, heading in KINDS:
        members = interface.findall(kind)
        if members:
            print(f".SS {heading}")
        for element in members:
            print_member(kind, element, comments[kind, element.get("name"), name])


def read_comments(text):
    """By kind, name and the interface it is in."""
    comments, inside = {}, ""
    for match in ELEMENT.finditer(text):
        comment, kind, name = match.groups()
        comment = comment.rsplit("<!--", 1)[-1]
        comments[kind, name, "" if kind == "interface" else inside] = Comment(comment, name)
        inside = name if kind == "interface" else inside
    return comments


def main(path, version):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    comments = read_comments(text)
    interfaces = ET.fromstring(re.sub(r"<!DOCTYPE.*?>", "", text, flags=re.S)).findall("interface")
    print(f""".\\" SPDX-License-Identifier: GPL-2.0-or-later
.TH ORG.SIGHEJ 5 "" "SigHej {version}" "File Formats"
.SH NAME
org.sighej \\- the D\\-Bus interfaces of sighejd
.SH SYNOPSIS
.nf
busctl \\-\\-user introspect org.sighej /org/sighej
busctl \\-\\-user call org.sighej /org/sighej org.sighej.Manager1 Open u 7200
busctl \\-\\-user \\-j call org.sighej /org/sighej org.sighej.Manager1 ListNudges
.fi
.SH DESCRIPTION
.BR sighejd (8)
owns the name
.B org.sighej
on the session bus of a person, and shows all that other programs may know and ask for.
Types are those of the D\\-Bus specification.
The same, for programs, is in
.IR /usr/share/dbus\\-1/interfaces/org.sighej.xml .""")
    for interface in interfaces:
        print_interface(interface, comments)
    print(""".SH SEE ALSO
.BR sighejctl (1),
.BR sighejd (8),
.BR busctl (1)""")


if __name__ == "__main__":
    main(*sys.argv[1:])
