# SPDX-License-Identifier: GPL-2.0-or-later
"""The completions of bash, zsh and fish, asked of the real shells, with a daemon that has something to offer and
without one: the commands and options of --help, what lives just now, and never a daemon that is started for it."""
import os
import pty
import re
import select
import shutil
import subprocess

import pytest

from backendlib import sanitized
from desk import CTL, RUN_SECONDS, TOP, environment
from test_cli_forms import COMMANDS

pytestmark = pytest.mark.skipif(sanitized(), reason="shells are tested here, and hundreds of programs take their time")

FOLDER = os.path.join(TOP, "completions")
LONG_SECONDS = 60
OPTION = re.compile(r"^ {2,6}(?:(-\w)(?:,|  ))?(?: ?(--[a-z-]+))?", re.M)

BASH = """
. /usr/share/bash-completion/bash_completion
_completion_loader sighejctl
COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}
eval "COMP_WORDS=($COMP_LINE)"
[[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt () { :; }
_sighejctl sighejctl 2>&1
for one in "${COMPREPLY[@]}"; do eval "printf '%s\\n' $one"; done
"""
ZSH = """
PROMPT= RPROMPT= PS2=
fpath=($FOLDER/zsh $fpath)
autoload -Uz compinit; compinit -D -u
compadd () {
  local -a offered
  [[ " $* " == *" "-(O|A|D)" "* ]] || { builtin compadd -O offered "$@"; print -rl -- $offered >&8 }
  builtin compadd "$@"
}
marker () { print -r -- '====' >&8 }
zle -N marker
zle -N zle-line-init marker
bindkey -e; bindkey '^T' marker; bindkey '^U' kill-whole-line
setopt no_beep
"""


FISH = 'set -p fish_complete_path "$argv[2]/fish"; complete -C "$argv[1]"'


class Bash:
    """Found by the name of its file, as bash-completion finds it."""

    def __init__(self, folder, variables):
        target = folder / "bash-completion/completions"
        target.mkdir(parents=True)
        shutil.copy(os.path.join(FOLDER, "bash/sighejctl"), target)
        self.variables = {**variables, "BASH_COMPLETION_USER_DIR": str(folder / "bash-completion")}

    def complete(self, line):
        done = subprocess.run(["bash", "--norc", "-c", BASH, "bash", line], env=self.variables, check=True,
                              capture_output=True, text=True, encoding="utf-8", timeout=RUN_SECONDS)
        assert done.stderr == ""
        return done.stdout.splitlines()

    def close(self):
        pass


class Fish(Bash):
    def __init__(self, folder, variables):
        self.variables = variables

    def complete(self, line):
        done = subprocess.run(["fish", "-N", "-c", FISH, line, FOLDER], env=self.variables, check=True,
                              capture_output=True, text=True, encoding="utf-8", timeout=RUN_SECONDS)
        assert done.stderr == ""
        return [re.sub("^--[a-z]+=(?=.)", "", line.split("\t")[0]) for line in done.stdout.splitlines()]


class Zsh:
    """One on a terminal, into which is typed."""

    def __init__(self, folder, variables):
        (folder / ".zshrc").write_text(ZSH, encoding="utf-8")
        self.reader, writer = os.pipe()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.dup2(writer, 8)
            os.execvpe("zsh", ["zsh", "-d", "-i"], {**variables, "ZDOTDIR": str(folder), "FOLDER": FOLDER, "TERM": "dumb"})
        os.close(writer)
        self.said = b""
        self.answer()

    def answer(self):
        """What was offered up to the marker."""
        while b"====\n" not in self.said:
            ready, _, _ = select.select([self.reader, self.terminal], [], [], LONG_SECONDS)
            assert ready, self.said
            if self.terminal in ready:
                os.read(self.terminal, 65536)
            if self.reader in ready:
                self.said += os.read(self.reader, 65536)
        offered, self.said = self.said.split(b"====\n", 1)
        return [line for line in dict.fromkeys(offered.decode().splitlines()) if line]

    def complete(self, line):
        os.write(self.terminal, (line + "\t\x14\x15").encode())
        return self.answer()

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)
        os.close(self.reader)


@pytest.fixture(params=[Bash, Zsh, Fish], ids=["bash", "zsh", "fish"])
def shell(request, away, tmp_path):
    """Made when the daemon is as it is to be."""
    made = []

    def make(**more):
        programs = tmp_path / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "sighejctl").symlink_to(CTL)
        variables = environment(away.bus, HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / "config"), **more)
        variables["SIGHEJ_COMPLETION_SECONDS"] = str(RUN_SECONDS)  # not what is tested, on a machine that is busy
        variables["PATH"] = f"{programs}:{variables['PATH']}"
        made.append(request.param(tmp_path, variables))
        return made[0]

    yield make
    for one in made:
        one.close()


def options_of(away, *command):
    """Those of its --help."""
    return {name for pair in OPTION.findall(away.good("help", *command)) for name in pair if name}


def test_what_it_offers(away, shell):
    """Each kind of word, with a daemon that has one nudge, two meets and some interests."""
    desk = away.start()
    desk.tell("AddNudge", "(uass)", 3, ["devops", "a:b"], "near")
    for number in (4, 5):
        desk.tell("AddMeet", "(u)", number)
    with_daemon = shell()
    for line, offered in {
            "sighejctl ": COMMANDS, "sighejctl help ": COMMANDS, "sighejctl --user not": ["not-now"],
            "sighejctl wave ": ["3"], "sighejctl not-now ": ["3"], "sighejctl block ": ["3", "4", "5"],
            "sighejctl report ": ["3", "4", "5"], "sighejctl here ": ["4", "5"], "sighejctl --timeout 5 met ": ["4", "5"],
            "sighejctl spot 4 ": ["entrance", "counter", "window table", "stairs"], "sighejctl position 4 ": ["on", "off"],
            "sighejctl spot 4 win": ["window table"],
            "sighejctl interests ": ["list", "set", "add", "remove", "search"],
            "sighejctl interests remove ": ["devops", "board-games"], "sighejctl interests add b": ["board-games"],
            "sighejctl adapter ": ["list", "show", "auto", "hci0", "hci1"], "sighejctl wait ": ["open", "closed", "nudge", "meet"],
            "sighejctl open ": ["15min", "30min", "1h", "90min", "2h", "4h"], "sighejctl code ": ["use"],
            "sighejctl backend ": ["show", "set", "unset"], "sighejctl --json=": ["short", "pretty"],
            "sighejctl report 3 --reason=da": ["danger"], "sighejctl --color=a": ["auto", "always"],
            "sighejctl wave 3 ": [], "sighejctl close ": []}.items():
        assert sorted(with_daemon.complete(line)) == sorted(offered), line
    assert "sighejctl" in with_daemon.complete("sighejctl inhibit --why=x -- sighejc")


def test_options_are_those_of_help(away, shell):
    """Of a command without options of its own, and of all that have some; a value's "=" is no part of the name."""
    one = shell()
    shared = options_of(away, "status")
    for command in ["status", *(command for command in COMMANDS if options_of(away, command) != shared)]:
        if command == "inhibit":  # behind it comes another command
            continue
        wanted = {name for name in options_of(away, command) if name.startswith("--")}
        offered = {name.rstrip("=") for name in one.complete(f"sighejctl {command} --")}
        assert offered == wanted, command


def test_without_a_daemon_nothing_is_started_and_nothing_said(away, shell, build):
    one = shell(LANGUAGE="da", SIGHEJ_LOCALE_DIR=os.path.join(build, "po"))
    for line in ("wave ", "meets ", "interests remove ", "interests add dev", "spot 1 "):
        assert one.complete("sighejctl " + line) == [], line
    assert sorted(one.complete("sighejctl adapter ")) == ["auto", "list", "show"]
    assert sorted(one.complete("sighejctl ")) == sorted(COMMANDS)
    owned = away.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                      "ListNames", None, None, 0, RUN_SECONDS * 1000, None).unpack()[0]
    assert "org.sighej" not in owned


def test_they_are_installed_where_shells_look(build):
    log = subprocess.run(["meson", "introspect", "--installed", build], capture_output=True, text=True, check=True).stdout
    for place in ("bash-completion/completions/sighejctl", "zsh/site-functions/_sighejctl",
                  "fish/vendor_completions.d/sighejctl.fish"):
        assert f"/share/{place}" in log
