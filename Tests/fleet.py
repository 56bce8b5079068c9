#!/usr/bin/env python3
"""Holds dsrproof-fleet to one process that reads the same captures, while one of two Spark workers is killed.

    fleet.py DSRPROOF-FLEET DSRPROOF

Exit status: 0 all held, 1 something did not. Leaves no process behind, and holds dsrproof-fleet to that too.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from unittest import mock

import pyspark
import yaml
from dsrproof_fleet import captures, command, evidence, stores

import fleet_tables
import held
from held import contains, equal

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNT = 1000
DAY = 86400
BYTE_ORDERS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}


def write_captures(folder):
    """Every fixture in the form of pcap, then all of them again a day later, and so on."""
    fixtures = [path.read_bytes() for path in sorted(ROOT.glob("fixtures/**/*.pcap"))]
    fixtures = [fixture for fixture in fixtures if fixture[:4] in BYTE_ORDERS and len(fixture) > 24]
    for number in range(COUNT):
        days, fixture = divmod(number, len(fixtures))
        (folder / f"capture{number:04}.pcap").write_bytes(later(fixtures[fixture], days))


def later(capture, days):
    order = BYTE_ORDERS[capture[:4]]
    changed = bytearray(capture)
    offset = 24
    while offset + 16 <= len(capture):
        seconds, _, length, _ = struct.unpack_from(order + "4I", capture, offset)
        struct.pack_into(order + "I", changed, offset, (seconds + days * DAY) % 2**32)
        offset += 16 + length
    return changed


def judged(path):
    """A report but for where and when it was made."""
    report = json.loads(path.read_text())
    for key in ["start", "end", "commandLine"]:
        del report["run"][key]
    for capture in report["captures"]:
        capture.pop("evidenceFile", None)
    return report


def processes(mark):
    """Those that have the mark in their environment."""
    found = {}
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if mark.encode() in (process / "environ").read_bytes():
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
            except OSError:
                pass
    return found


def wait(what, condition, seconds):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"no {what} in {seconds} seconds")
        time.sleep(0.05)
    return result


class Cluster:
    """A master and two workers on this machine, each a process."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.processes = []
        self.master = self._start("master", "deploy.master.Master", "--port", "0", "--webui-port", "0")
        self.url = self._told("master", r"spark://127\.0\.0\.1:\d+")
        self.workers = [
            self._start(
                f"worker{number}", "deploy.worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0",
                "--work-dir", folder / f"work{number}", self.url,
            )
            for number in range(2)
        ]
        for number in range(2):
            self._told(f"worker{number}", "Successfully registered with master")

    def _start(self, name, kind, *arguments):
        # Becomes Java. Java alone finds no executors to start: the script tells it of which Scala it is.
        script = pathlib.Path(self.environment["SPARK_HOME"]) / "bin" / "spark-class"
        command = [script, f"org.apache.spark.{kind}", "--host", "127.0.0.1", *arguments]
        with open(self.folder / name, "wb") as log:
            process = subprocess.Popen(
                list(map(str, command)), env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def _told(self, name, pattern):
        log = self.folder / name
        return wait(f"{pattern} in the log of the {name}", lambda: re.search(pattern, log.read_text()), 60).group()

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


class Fleet:
    def __init__(self, program, dsrproof, folder):
        self.program, self.dsrproof, self.folder = program, dsrproof, folder
        self.environment = os.environ | {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "spark"),
            "SPARK_DAEMON_MEMORY": "256m",
            # What a worker leaves that is killed.
            "TMPDIR": str(folder / "spark"),
            "SPARK_HOME": str(pathlib.Path(pyspark.__file__).parent),
            "PYSPARK_PYTHON": sys.executable,
        }

    def start(self, *arguments, log="log", submit=()):
        environment = self.environment | {"PYSPARK_SUBMIT_ARGS": " ".join([*submit, "pyspark-shell"])}
        with open(self.folder / log, "wb") as file:
            return subprocess.Popen(
                [self.program, *map(str, arguments)], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file,
            )

    def run(self, *arguments, submit=()):
        """Its exit status and what it said."""
        process = self.start("--dsrproof", self.dsrproof, "--master", "local[2,4]", *arguments, submit=submit)
        try:
            return process.wait(120), (self.folder / "log").read_text()
        finally:
            process.kill()


def holds_though_a_worker_dies(fleet, folder):
    captures = folder / "captures"
    captures.mkdir()
    write_captures(captures)
    begin = time.monotonic()
    alone = subprocess.run(
        [fleet.dsrproof, "verify", "-r", captures, "--format", "json", "-o", folder / "alone.json"], check=False,
        stderr=subprocess.DEVNULL,
    )
    print(f"one process: {time.monotonic() - begin:.1f} s")
    # Tells how far the job is: a line for each capture that is read, or merge.
    runs = folder / "runs"
    runs.touch()
    told = folder / "told"
    told.write_text(f'#!/bin/sh\necho >>"{runs}"\nexec "{fleet.dsrproof}" "$@"\n')
    told.chmod(0o755)
    cluster = Cluster(folder, fleet.environment)
    try:
        begin = time.monotonic()
        process = fleet.start(
            "--dsrproof", told, "--master", cluster.url, "--captures", captures, "--summary", folder / "summary.json",
            "--", "--format", "json", "-o", folder / "fleet.json", log="cluster-log",
            submit=["--conf", "spark.executor.memory=512m", "--conf", "spark.driver.host=127.0.0.1"],
        )
        try:
            wait("third of the captures", lambda: runs.stat().st_size > COUNT // 3 or process.poll() is not None, 200)
            equal("the job runs when the worker dies", None, process.poll())
            cluster.workers[0].send_signal(signal.SIGKILL)
            status = process.wait(250)
        finally:
            process.kill()
        print(f"Spark, a worker killed: {time.monotonic() - begin:.1f} s")
        log = (folder / "cluster-log").read_text()
        equal("the exit status", alone.returncode, status)
        if status != alone.returncode:
            print(log, file=sys.stderr)
            return
        contains("Spark lost an executor", "Lost executor", log)
        same = judged(folder / "alone.json") == judged(folder / "fleet.json")
        equal("the report is that of one process", True, same)
        summary = json.loads((folder / "summary.json").read_text())
        equal("captures read", (COUNT, COUNT, []), (summary["captures"], summary["read"], summary["unreadable"]))
        equal("some were read twice", True, runs.stat().st_size > COUNT)
    finally:
        cluster.stop()


def tells_what_is_wrong(fleet, folder):
    few = folder / "few"
    few.mkdir()
    for number in range(4):
        shutil.copy(folder / "captures" / f"capture{number:04}.pcap", few)
    shutil.copy(few / "capture0000.pcap", few / "copy.pcap")
    (few / "rubbish.pcap").write_text("rubbish")
    (few / "_SUCCESS").touch()
    evidence = few / "shard.evidence"
    subprocess.run([fleet.dsrproof, "evidence", "-r", few / "capture0001.pcap", "-o", evidence], check=True)
    shutil.copy(evidence, few / "again.evidence")
    newer = bytearray(evidence.read_bytes())
    newer[16] = 2
    (few / "newer.evidence").write_bytes(newer)
    (few / "capture0001.pcap").unlink()

    summary = folder / "few.json"
    report = ["--", "--format", "json", "-o", folder / "few-report.json"]
    arguments = ["--captures", few, few / "capture0002.pcap", "--per-task", "2", "--fan-in", "2", "--summary", summary]
    status, log = fleet.run(*arguments, *report)
    unread = {"rubbish.pcap": "not a capture", "newer.evidence": "evidence of version 2"}
    found = json.loads(summary.read_text())
    equal("the captures and those read", (8, 6), (found["captures"], found["read"]))
    equal("what is named twice", [str(few / "capture0002.pcap")], found["namedTwice"])
    equal("what cannot be read", sorted(str(few / name) for name in unread), [one["capture"] for one in found["unreadable"]])
    for one, name in zip(found["unreadable"], sorted(unread)):
        contains(f"why {name} is not read", unread[name], one["reason"])
        contains(f"{name} is named", f"{name} is not read: ", log)
    twice = [f"{few}/capture0000.pcap, {few}/copy.pcap hold the same evidence", f"{few}/capture0001.pcap is given twice"]
    for told in twice:
        contains("what is given twice", told, log)
        equal(f"{told} is in the summary", True, any(told in line for line in found["told"]))
    good = [few / f"capture000{number}.pcap" for number in (0, 2, 3)] + [few / "copy.pcap", evidence]
    alone = subprocess.run(
        [fleet.dsrproof, "verify", *(argument for file in good for argument in ("-r", file)), "--format", "json"],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    (folder / "few-alone.json").write_bytes(alone.stdout)
    equal("the exit status of few", alone.returncode, status)
    paths = lambda path: sorted(capture["path"] for capture in judged(folder / path)["captures"])
    equal("the captures of the report", paths("few-alone.json"), paths("few-report.json"))
    left = [file["path"] for file in judged(folder / "few-report.json")["case"] if file["use"] == "leftOut"]
    equal("what the report names", sorted(str(few / name) for name in unread), sorted(left))
    verdicts = lambda path: [(one["verdict"], one["flows"]) for one in judged(folder / path)["services"]]
    equal("the verdicts of few", verdicts("few-alone.json"), verdicts("few-report.json"))

    report[-1].unlink()
    status, log = fleet.run(*arguments, "--max-unreadable", "1", *report)
    equal("the exit status of too many", (2, False), (status, report[-1].exists()))
    contains("too many", "2 captures cannot be read, and --max-unreadable is 1", log)
    status, log = fleet.run("--captures", folder / "none")
    equal("the exit status without captures", 64, status)
    contains("no capture", "there is no file", log)


def reads_stores(fleet, folder):
    """viewfs is a store that needs no server. Names of places come from a list."""
    lines = folder / "list"
    lines.write_text("# captures\nlb=viewfs://site/few/capture0002.pcap\nviewfs://site/few/none.pcap\n")
    few = folder / "few"
    mount = f"spark.hadoop.fs.viewfs.mounttable.site.link./few=file://{few}"
    status, log = fleet.run(
        "--captures", "viewfs://site/few/capture000[03].pcap", f"@{lines}", "--summary", folder / "store.json",
        "--evidence", folder / "store.evidence", "--", "--format", "json", "-o", folder / "store-report.json",
        submit=["--conf", mount],
    )
    cited = []
    for number, name in [(0, None), (3, None), (2, "lb")]:
        file = folder / f"{number}.evidence"
        place = f"{name}=-" if name else "-"
        with open(few / f"capture000{number}.pcap", "rb") as capture:
            subprocess.run(
                [fleet.dsrproof, "evidence", "-r", place, "--cited-as", f"viewfs://site/few/capture000{number}.pcap", "-o", file],
                stdin=capture, check=True,
            )
        cited += ["-r", file]
    subprocess.run([fleet.dsrproof, "evidence", *cited, "-o", folder / "cited.evidence"], check=True)
    equal("what a store gives", True, (folder / "cited.evidence").read_bytes() == (folder / "store.evidence").read_bytes())
    found = json.loads((folder / "store.json").read_text())
    equal("what is not in the store", ["viewfs://site/few/none.pcap"], [one["capture"] for one in found["unreadable"]])
    equal("the exit status of the store", found.get("exitStatus"), status)


def tells_a_fault_from_a_failed_service(*_):
    """1 says that a service fails, and Python ends with 1 at whatever it does not expect."""
    silent = mock.Mock(_target_id="o1")
    silent.getCause.return_value = silent.getMessage.return_value = None
    silent.toString.return_value = "java.lang.Error"
    faults = [
        (RuntimeError("no gateway"), 2), (KeyError(), 2), (OSError(2, "No such file"), 2), (command.CannotRun("none"), 2),
        (command.Py4JJavaError("said", silent), 2), (captures.UsageError("no"), 64),
    ]
    for fault, status in faults:
        with mock.patch.object(command, "run", side_effect=fault), mock.patch.object(command, "tell"):
            equal(f"the exit status of {fault!r}", status, command.main(["--captures", "x"]))
    for ended, status in [(0, 0), (1, 1), (3, 3), (-9, 2)]:
        with mock.patch.object(command, "run", return_value=ended):
            equal(f"the exit status of {ended}", status, command.main(["--captures", "x"]))
    chosen = command.parser().parse_args(["--captures", "x"])
    summary = {"captures": 1, "read": 1, "unreadable": [], "told": [], "seconds": {"merging": 0}}
    with mock.patch.object(command, "called", side_effect=[(0, 0), (-9, 0)]):
        equal("a program that is killed", "dsrproof was ended by signal 9", told(command.judge, chosen, [], summary, ["x"], "."))
    path = "/nonexistent/s.json"
    equal("no summary", f"{path}: cannot write: No such file or directory", told(command.write, path, {}))


def told(function, *arguments):
    try:
        function(*arguments)
    except command.CannotRun as error:
        return str(error)


def prefers_what_the_program_said(fleet, folder):
    def fails(_):
        raise stores.StoreError("java.io.IOException: Broken pipe")

    def ended(script):
        program = folder / "program"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        with mock.patch.object(evidence.Program, "command", [str(program)]):
            try:
                return evidence.Program("dsrproof")._run([], fails)
            except stores.StoreError as error:
                return str(error)

    equal("who closed the pipe", (2, "not a capture"), ended("echo dsrproof: not a capture >&2; exit 2"))
    for script in ["exit 0", "exit 2", "echo some of it >&2; exec sleep 100"]:
        with mock.patch.object(evidence, "SECONDS_TO_END", 0.5):
            equal(f"the store's fault: {script}", "java.io.IOException: Broken pipe", ended(script))


def reads_names_as_dsrproof_does(*_):
    listing = captures.Listing(mock.Mock())
    with mock.patch.object(listing, "_is_there", lambda url: url == "odd=x.pcap"):
        for argument, expected in [
            ("lb=s3a://b/x", ("s3a://b/x", "lb")), ("odd=x.pcap", ("odd=x.pcap", None)), ("a/b=c", ("a/b=c", None)),
            ("x", ("x", None)),
        ]:
            found = listing._named(argument)
            equal(f"the name in {argument}", expected, (found.url, found.name))


def judges_hours_as_the_cron_job_does(fleet, folder):
    """What `watch --evidence` writes, by the command of deploy/fleet."""
    hours = folder / "hours"
    hours.mkdir()
    for place, capture in [("client", "client"), ("switch", "switch")]:
        watch = [fleet.dsrproof, "watch", "-r", f"{place}={ROOT}/fixtures/lab/route/{capture}.pcap", "--vip", "10.1.10.10:80", "--evidence", hours]
        subprocess.run(watch, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    (hours / "half-dsrproof.evidence.1-1.tmp").write_bytes(b"half")
    job = yaml.safe_load((ROOT / "deploy/fleet/cronjob.yaml").read_text())
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    places = {"/usr/local/src/dsrproof-fleet": f"{ROOT}/fleet", "file:///hours": f"file://{hours}"}
    command = []
    for argument in container["command"] + container["args"]:
        for theirs, ours in places.items():
            argument = argument.replace(theirs, ours)
        command.append(argument)
    path = [os.path.dirname(fleet.program), os.path.dirname(fleet.dsrproof), os.environ["PATH"]]
    run = subprocess.run(command, env=fleet.environment | {"PATH": ":".join(path)}, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    options = command[command.index("--") + 1:]
    alone = subprocess.run([fleet.dsrproof, "verify", "-r", *sorted(hours.glob("*.evidence")), *options], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    verdict = alone.stdout.partition("shown by")[0]
    equal("what one process says", (0, True), (alone.returncode, "PASS" in verdict))
    equal("the status of the cron job", 0, run.returncode)
    equal("the report of the cron job", verdict, run.stdout.partition("shown by")[0])
    if held.failures:
        print(run.stderr[-3000:], file=sys.stderr)


def main():
    program, dsrproof = (os.path.abspath(path) for path in sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="dsrproof-fleet-test-") as name:
        folder = pathlib.Path(name)
        (folder / "spark").mkdir()
        fleet = Fleet(program, dsrproof, folder)
        try:
            for test in [
                tells_a_fault_from_a_failed_service, prefers_what_the_program_said, reads_names_as_dsrproof_does,
                judges_hours_as_the_cron_job_does, holds_though_a_worker_dies, tells_what_is_wrong, reads_stores,
                fleet_tables.tabulates,
            ]:
                begin = time.monotonic()
                test(fleet, folder)
                print(f"{test.__name__}: {time.monotonic() - begin:.0f} s")
        finally:
            try:
                wait("end of all processes", lambda: not processes(name), 30)
            except TimeoutError:
                left = processes(name)
                for process in left:
                    os.kill(process, signal.SIGKILL)
                held.failures.append(f"processes are left: {left}")
    return held.status("Tests/fleet")


if __name__ == "__main__":
    sys.exit(main())
