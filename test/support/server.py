"""Starts the real program on a fresh data folder for tests written in Python."""
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile


class Server:
    """`diffo serve` on a free port. Use it in a with statement; `data` survives restarts within it."""

    def __init__(self, program, *arguments, data=None, environment=None, prefix=()):
        """`prefix` is a command that runs the program in its own process, such as taskset."""
        self.program, self.arguments, self.prefix = str(program), arguments, prefix
        self.own_data = data is None
        self.data = pathlib.Path(data) if data else pathlib.Path(tempfile.mkdtemp(prefix="diffo-test-"))
        self.environment = environment
        self.process = self.url = self.port = None

    def start(self):
        self.log = open(self.data.parent / (self.data.name + ".log"), "ab")
        self.process = subprocess.Popen(
            [*self.prefix, self.program, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0", *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment)
        line = self.process.stdout.readline()
        found = re.search(r"listening on (http://\S+:(\d+))", line)
        if not found:
            self.process.wait(10)
            raise RuntimeError(f"the server did not start: {line!r}\n{self.log_text()}")
        self.url, self.port = found[1], int(found[2])
        return self

    def log_text(self):
        return (self.data.parent / (self.data.name + ".log")).read_text(errors="replace")

    def stop(self, number=signal.SIGTERM, seconds=60):
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
