"""Starts the real program on a fresh data folder for tests written in Python."""
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile


def program_in(build):
    """The program of a build folder; a program itself is taken as it is."""
    path = pathlib.Path(build)
    return path / "diffo" if path.is_dir() else path


class Server:
    """`diffo serve` on a free port. Use it in a with statement; `data` survives restarts within it."""

    own_options = ["--strict-reads"]  # a read that nothing announced fails the test that made it

    def __init__(self, program, *arguments, data=None, environment=None, wrapper=()):
        """`wrapper` is a command that runs the command after it, such as one that sets limits."""
        self.program, self.arguments, self.wrapper = str(program), arguments, list(wrapper)
        self.own_data = data is None
        self.data = pathlib.Path(data) if data else pathlib.Path(tempfile.mkdtemp(prefix="diffo-test-"))
        self.environment = environment
        self.listen = "127.0.0.1:0"
        self.process = self.url = self.port = None

    def launch(self):
        """Starts the process without waiting until it listens."""
        self.log = open(self.data.parent / (self.data.name + ".log"), "ab")
        self.process = subprocess.Popen(
            [*self.wrapper, self.program, "serve", "--data", str(self.data), "--listen", self.listen,
             *self.own_options, *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment)
        return self

    def start(self):
        line = self.launch().process.stdout.readline()
        found = re.search(r"listening on (http://\S+:(\d+))", line)
        if not found:
            self.process.wait(10)
            self.process = None
            raise RuntimeError(f"the server did not start: {line!r}\n{self.log_text()}")
        self.url, self.port = found[1], int(found[2])
        return self

    def log_text(self):
        return (self.data.parent / (self.data.name + ".log")).read_text(errors="replace")

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Returns the exit status; negative for a signal."""
        if self.process is None:
            return None
        self.process.send_signal(number)
        status = self.process.wait(seconds)
        self.process.stdout.close()
        self.log.close()
        self.process = None
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            if self.own_data:
                shutil.rmtree(self.data, ignore_errors=True)
                (self.data.parent / (self.data.name + ".log")).unlink(missing_ok=True)
