"""How a command is measured: as a whole process, its time, its processor time and its memory."""

import os
import statistics
import subprocess
import sys
import time


class CannotRun(Exception):
    """Something that the measurement needs is missing or fails."""


class Run:
    """One run of a command: seconds it took, seconds of processor time, and its largest resident size in bytes."""

    def __init__(self, command, processors=None, statuses=(0,)):
        pin = (lambda: os.sched_setaffinity(0, processors)) if processors else None
        begin = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            preexec_fn=pin,
        )
        message = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        self.processor = usage.ru_utime + usage.ru_stime
        self.resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        if process.returncode not in statuses:
            raise CannotRun(f"exit status {process.returncode}: {' '.join(map(str, command))}\n{message}")


def in_turn(commands, runs, processors):
    """The median seconds of each command: all of them run in turn, so that what disturbs one disturbs the others."""
    for command in commands:
        Run(command, processors)
    rounds = [[Run(command, processors).seconds for command in commands] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rounds)]


def one_processor():
    """The last one, which most systems load least; nothing where a process can't be pinned."""
    return {max(os.sched_getaffinity(0))} if hasattr(os, "sched_getaffinity") else None
