#!/usr/bin/env python3
"""Runs every fuzz target of a build for a bounded time, from its seeds and from empty. Exit 1 and the input on a finding."""
import os
import pathlib
import subprocess
import sys
import tempfile

LEAKS = pathlib.Path(__file__).resolve().parent.parent / "leaks.supp"


def main():
    build, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    seeds = pathlib.Path(__file__).resolve().parent / "seeds"
    targets = sorted(p for p in build.rglob("fuzz_*") if p.is_file() and p.stat().st_mode & 0o111)
    failed = 0
    for target in targets:
        with tempfile.TemporaryDirectory() as corpus:
            folders = [corpus]
            seed = seeds / target.name.removeprefix("fuzz_")
            if seed.is_dir():
                folders.append(str(seed))
            run = subprocess.run([str(target), f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=20",
                                  "-max_len=65536", "-print_final_stats=1", f"-artifact_prefix={build}/", *folders],
                                 env={"LSAN_OPTIONS": f"suppressions={LEAKS}:print_suppressions=0"} | os.environ,
                                 capture_output=True, text=True, errors="replace")
        runs = [l for l in run.stderr.splitlines() if "number_of_executed_units" in l]
        print(f"{target.name}: {'ok' if run.returncode == 0 else 'FAILED'} {runs[0].split(':')[-1].strip() if runs else '?'} runs", flush=True)
        if run.returncode:
            failed += 1
            print(run.stderr[-6000:])
    print(f"{len(targets) - failed} passed, {failed} failed")
    return 1 if failed or not targets else 0


if __name__ == "__main__":
    sys.exit(main())
