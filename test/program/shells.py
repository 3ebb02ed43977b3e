"""`diffo completions`: the scripts load, and complete what the program takes."""
import shutil
import subprocess

CASES = [(("dec",), {"decide"}), (("model", "i"), {"import"}), (("model", "import", ""), {"devicetype"}), (("import", "--mode", ""), {"atomic", "best"}),
         (("import", "--mo",), {"--mode"}), (("decide", ""), {"push", "approve", "adopt"}), (("decide", "--le"), {"--leaf"}), (("check", "--exit"), set()),
         (("drift", "--all", "--exit"), {"--exit-code"}), (("drift", "--exit-code", "--fo"), {"--format"}), (("serve", "--model", ""), set()), (("model", "r"), set())]
BASH = "source {file}; COMP_WORDS=(diffo {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _diffo; printf '%s\\n' \"${{COMPREPLY[@]}}\""
# What the completion system does with its words is its own matter: these only print them.
ZSH = ("compdef() {{ }}; _files() {{ }}; compadd() {{ print -l -- ${{@:2}} }}; _describe() {{ print -l -- ${{(P)@[-1]}} }}; source {file}; "
       "words=(diffo {words}); CURRENT=$#words; _diffo")
FISH = "source {file}; complete -C \"diffo {line}\""


def completed(shell, script, file, words):
    quoted = " ".join(f"'{word}'" for word in words)
    result = subprocess.run([*shell, script.format(file=file, words=quoted, line=" ".join(words))], capture_output=True, text=True, timeout=30,
                            cwd=file.parent)
    found = {line.split("\t")[0].split(":")[0] for line in result.stdout.splitlines() if line}
    return {word for word in found if word.startswith(words[-1])}, result.stderr


def completions_complete(program):
    folder = program.folder / "completions"
    folder.mkdir()
    for shell, script in ((("bash", "--norc", "-c"), BASH), (("zsh", "-f", "-c"), ZSH), (("fish", "--no-config", "-c"), FISH)):
        file = folder / f"diffo.{shell[0]}"
        text = program.expect(f"completions of {shell[0]}", 0, "completions", shell[0], out="decide")
        if not shutil.which(shell[0]):
            continue
        file.write_text(text)
        checked = subprocess.run([shell[0], "-n", file], capture_output=True, text=True, timeout=30)
        program.report.check(checked.returncode == 0, f"{shell[0]} -n: {checked.stderr}")
        for words, wanted in CASES:
            found, error = completed(shell, script, file, words)
            # Where nothing of ours fits, files do.
            found -= {one.name for one in folder.iterdir()}
            program.report.check(found == wanted and not error, f"{shell[0]}: diffo {' '.join(words)} gives {found} {error}")
    program.expect("completions of no shell", 2, "completions", "tcsh")


def nothing_is_lost(program):
    """Output that nobody could take all of is an error, whatever the command."""
    for arguments in (("version",), ("--help",), ("help", "serve"), ("completions", "bash"), ("model", "new"), ("observe", "--list-mappings")):
        with open("/dev/full", "w") as full:
            result = subprocess.run([program.path, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
        program.report.check(result.returncode == 2 and "standard output" in result.stderr, f"a full disk: {arguments}: {result}")


PARTS = (completions_complete, nothing_is_lost)
