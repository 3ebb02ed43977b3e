"""Runs what the guides show, page by page, in order, in a folder of its own.

    ```yaml NAME    writes the file NAME
    ```sh           commands, of one shell for the whole page; `diffo serve …`, `optics serve …` and `./dev run --example …` go on in the background
                    and end those before
    ```json         what the commands before printed, as JSON: "…" stands for any value, "…": "…" for further members, an item "…" at
                    the end for further items
    ```text         what they printed: … stands for anything
    ```cpp FILE     a piece of that file of ours, likewise ```cmake FILE

A comment `#  … text …` behind a command of ```sh is what its output contains. ```sh not-run is only shown, like blocks of other
languages. The server of a page has a free port; the page says 8080.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys

from server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "test/exchanges"))
import run as exchanges  # noqa: E402

PAGES = [("README.md", "Your own kinds"), ("README.md", "What stands outstanding"),
         ("docs/guide/inventory.md", "What became of it"), ("docs/guide/model.md", None),
         ("docs/guide/events.md", None), ("docs/guide/hooks.md", None), ("docs/guide/loop.md", None), ("docs/guide/mappings.md", None), ("docs/guide/observations.md", None), ("docs/guide/neighbours.md", None), ("docs/guide/pools.md", None), ("docs/guide/tasks.md", None),
         ("docs/reference/seed.md", None)]
SHOWN = "127.0.0.1:8080"
DONE = "--- done"


class Shell:
    """One bash; what it prints to either output, command by command."""

    def __init__(self, programs, folder):
        self.process = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, cwd=folder)
        for name, path in programs.items():
            self.run(f"{name}() {{ {shlex.quote(str(path))} \"$@\"; }}")

    def run(self, text):
        self.process.stdin.write(text + f"\nprintf '\\n{DONE}\\n'\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == DONE + "\n":
                return "".join(lines)[:-1]  # the newline before the mark is ours
            lines.append(line)
        raise RuntimeError(f"the shell has ended: {''.join(lines)}")

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def blocks(text):
    """(line number, info string, body) of fenced blocks."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if line.startswith("```"):
            body = []
            for _, inner in lines:
                if inner.startswith("```"):
                    break
                body.append(inner)
            yield number, line[3:].strip(), "\n".join(body) + "\n"


def section(page, heading):
    text = (ROOT / page).read_text(encoding="utf-8")
    if heading is None:
        return 0, text
    begin = text.index(f"\n## {heading}\n") + 1
    end = text.find("\n## ", begin + 3)
    return text.count("\n", 0, begin), text[begin:end if end > 0 else None]


def pattern_of(expected):
    """What is shown, with … for anything."""
    return ".*".join(re.escape(piece.strip()) for piece in expected.split("…"))


def wanted(value):
    """The notation of guides in that of exchanges."""
    if isinstance(value, dict):
        return {"..." if key == "…" else key: "..." if key == "…" else wanted(member) for key, member in value.items()}
    if isinstance(value, list):
        return [*map(wanted, value[:-1]), "..." if value[-1] == "…" else wanted(value[-1])] if value else []
    return "<*>" if value == "…" else value


class Page:
    def __init__(self, program, page, heading):
        self.program, self.report, self.name = program, program.report, page
        self.folder = program.folder / f"guide-{page}-{heading}".replace("/", "-")
        self.folder.mkdir()
        # By the name that a page calls it: ours, and those of examples that have one.
        self.programs = {"diffo": pathlib.Path(program.path), "optics": pathlib.Path(program.path).parent / "optics"}
        self.shell = Shell(self.programs, self.folder)
        self.server = None
        self.output, self.where = "", ""
        self.offset, self.text = section(page, heading)

    def run(self):
        for number, info, body in blocks(self.text):
            self.where = f"{self.name}:{self.offset + number}"
            language, _, name = info.partition(" ")
            if language == "yaml" and name:
                (self.folder / name).write_text(body, encoding="utf-8")
            elif language == "sh" and name != "not-run":
                self.run_commands(body)
            elif language in ("cpp", "cmake") and name:
                self.report.check(body in (ROOT / name).read_text(encoding="utf-8"), f"{self.where}: {name} has no such piece")
            elif language == "json":
                self.compare_json(body)
            elif language == "text":
                self.report.check(re.fullmatch(pattern_of(body), self.output.strip(), re.S),
                                  f"{self.where}: shown is\n{body}but printed\n{self.output}")
        self.shell.close()
        self.stop()

    def stop(self):
        if self.server is not None:
            self.report.check(self.server.stop() == 0, f"{self.where}: the server did not end well")
            self.server = None

    def run_commands(self, body):
        pending = []
        for line in body.splitlines():
            if line.startswith("#  …"):
                self.run_pending(pending)
                self.report.check(re.search(pattern_of(line[3:]), self.output, re.S), f"{self.where}: {line} but printed\n{self.output}")
            elif line.startswith((*(f"{name} serve" for name in self.programs), "./dev run --example")) and "|" not in line:
                self.run_pending(pending)
                self.serve(shlex.split(line, comments=True))
            else:
                pending.append(line)
        self.run_pending(pending)

    def run_pending(self, pending):
        text = "\n".join(pending)
        pending.clear()
        if not text.strip():
            return
        here = f"127.0.0.1:{self.server.port}" if self.server else SHOWN
        self.output = self.shell.run(text.replace(SHOWN, here)).replace(here, SHOWN)

    def serve(self, words):
        self.stop()
        arguments = words[2:]
        if words[0] == "./dev":
            example = ROOT / "examples" / words[3]
            arguments = ["--data", "example", "--model", example / f"{words[3]}.yaml", "--seed", example / "seed.yaml"]
        # The folder is the page's: it stays when the next server comes.
        data = self.folder / arguments[arguments.index("--data") + 1]
        options = [self.folder / one if str(one).endswith(".yaml") and not str(one).startswith("/") else one for one in arguments]
        del options[options.index("--data"):options.index("--data") + 2]
        self.server = Server(str(self.programs.get(words[0], self.program.path)), *options, data=data)
        try:
            self.server.start()
        except RuntimeError as problem:
            self.server = None
            self.report.check(False, f"{self.where}: {problem}")

    def compare_json(self, body):
        try:
            exchanges.match(wanted(json.loads(body)), json.loads(self.output), {})
            self.report.check(True, self.where)
        except (ValueError, exchanges.Mismatch) as problem:
            self.report.check(False, f"{self.where}: {problem}, printed was\n{self.output}")


def guides_hold(program):
    for page, heading in PAGES:
        Page(program, page, heading).run()


PARTS = (guides_hold,)
