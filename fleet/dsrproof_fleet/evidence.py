"""Runs `dsrproof evidence` on an executor. What evidence is and how it merges, it alone knows."""

import contextlib
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from typing import NamedTuple, Tuple

from pyspark import SparkFiles

from . import stores

# What merges hold at a time: Spark moves records of less than 2 GiB. A larger one stays beside the others.
MOST_BYTES = 1 << 29
# For a program to end that has closed its pipe.
SECONDS_TO_END = 5


class Unreadable(NamedTuple):
    """A capture without evidence, and why."""

    capture: str
    reason: str


@dataclass
class Share:
    """Evidence of some of the captures, and what became of each of them."""

    evidence: bytes = b""
    read: int = 0
    unreadable: Tuple[Unreadable, ...] = ()
    # What `dsrproof` said besides.
    told: Tuple[str, ...] = ()
    reading_seconds: float = 0
    merging_seconds: float = 0

    def add(self, other):
        """Adds what became of other captures, but not their evidence."""
        self.read += other.read
        self.unreadable += other.unreadable
        self.told += other.told
        self.reading_seconds += other.reading_seconds
        self.merging_seconds += other.merging_seconds


@dataclass(frozen=True)
class Program:
    """How executors run `dsrproof evidence`."""

    path: str
    options: Tuple[str, ...] = ()
    # For the stores: `spark.hadoop.*` of the job.
    store_options: Tuple[Tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def command(self):
        """The program that came with the job, else the one that is installed."""
        shipped = SparkFiles.get(os.path.basename(self.path))
        return [shipped if os.path.exists(shipped) else self.path, "evidence"]

    def read(self, captures):
        """The evidence of these captures, merged, and what cannot be read of them."""
        share = Share()
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="dsrproof-fleet-") as folder:
            files = []
            for number, capture in enumerate(captures):
                file = os.path.join(folder, f"{number}.evidence")
                status, message = self._read(capture, file)
                if status == 0:
                    files.append(file)
                    share.told += tuple(message.splitlines())
                else:
                    reason = message or f"dsrproof ended with status {status}"
                    share.unreadable += (Unreadable(capture.path, reason.removeprefix(f"{capture.path}: ")),)
            share.read = len(files)
            share.reading_seconds = time.monotonic() - begin
            self._merge(files, share, folder)
        return share

    def merge(self, shares):
        """One share of several, and further ones where one would be too large to move."""
        with tempfile.TemporaryDirectory(prefix="dsrproof-fleet-") as folder:
            whole, files, size = Share(), [], 0
            for share in shares:
                if files and size + len(share.evidence) > MOST_BYTES:
                    self._merge(files, whole, folder)
                    yield whole
                    whole, files, size = Share(), [], 0
                whole.add(share)
                if share.evidence:
                    files.append(os.path.join(folder, f"{len(files)}.evidence"))
                    size += len(share.evidence)
                    with open(files[-1], "wb") as file:
                        file.write(share.evidence)
            self._merge(files, whole, folder)
            yield whole

    def _read(self, capture, file):
        source = capture.path if capture.is_local else "-"
        place = f"{capture.name}={source}" if capture.name else source
        arguments = ["-r", place, "--cited-as", capture.path, "--threads", "1", *self.options, "-o", file]
        try:
            if capture.is_local:
                return self._run(arguments)
            return self._run(arguments, lambda pipe: stores.copy(capture.url, pipe, self.store_options))
        except stores.StoreError as error:
            return 2, str(error)

    def _run(self, arguments, feed=None):
        """Its exit status, and what it said. What cannot be run at all is no capture's fault: the task fails.

        Where a store fails because the program has closed the pipe, the program knows why.
        """
        failure = None
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                self.command + arguments, stdin=subprocess.PIPE if feed else subprocess.DEVNULL, stderr=said
            )
            try:
                try:
                    if feed:
                        feed(process.stdin.fileno())
                        process.stdin.close()
                    process.wait()
                except stores.StoreError as error:
                    failure = error
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(SECONDS_TO_END)
            finally:
                process.kill()
                process.wait()
            said.seek(0)
            message = said.read(1 << 16).decode(errors="replace").strip()
            if failure and not (process.returncode > 0 and message):
                raise failure
            return process.returncode, "\n".join(line.removeprefix("dsrproof: ") for line in message.splitlines())

    def _merge(self, files, share, folder):
        """Puts the evidence of the files into the share."""
        begin = time.monotonic()
        if files:
            merged = os.path.join(folder, "merged")
            inputs = [argument for file in files for argument in ("-r", file)]
            status, message = self._run([*inputs, "-o", merged])
            if status != 0:
                raise RuntimeError(f"dsrproof evidence cannot merge: status {status}: {message}")
            share.told += tuple(message.splitlines())
            with open(merged, "rb") as file:
                share.evidence = file.read()
        share.merging_seconds += time.monotonic() - begin
