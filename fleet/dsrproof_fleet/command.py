"""The command `dsrproof-fleet`."""

import argparse
import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

from py4j.protocol import Py4JJavaError
from pyspark import SparkConf, SparkContext

from . import job
from .captures import Listing, UsageError
from .evidence import Program
from .tables import Tables

USAGE, CANNOT_RUN = 64, 2
# Pass, fail, inconclusive: with any other there is no report.
VERDICTS = (0, 1, 3)


class CannotRun(Exception):
    """There is no verdict."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"dsrproof-fleet: {message}\n")


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def not_negative(text):
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def parser():
    made = Parser(
        prog="dsrproof-fleet",
        description="Read captures on Spark's executors, and judge them once, as dsrproof verify -r would.",
        epilog="What stands behind -- are options for dsrproof verify: -- --vip 10.1.10.10:80 -o report.html",
    )
    made.add_argument(
        "--captures", nargs="+", action="extend", required=True, metavar="[NAME=]URL",
        help="captures or evidence files: files, folders or globs of any store that Hadoop reads, or @FILE, a list of files;"
        " a name before it is that of the place",
    )
    made.add_argument(
        "--max-unreadable", type=not_negative, default=10, metavar="N",
        help="judge nothing where more captures than these cannot be read (default: 10)",
    )
    made.add_argument("--summary", metavar="FILE", help="write there, as JSON, what became of the captures")
    made.add_argument("--evidence", metavar="FILE", help="keep the evidence of all captures in this file")
    made.add_argument(
        "--tables", metavar="URL", help="write flows, links, verdicts and more as Parquet into this folder of any store; needs --run"
    )
    made.add_argument(
        "--run", metavar="NAME", help="what these captures are called in the tables: a run takes the place of one of its name"
    )
    made.add_argument(
        "--dsrproof", default="dsrproof", metavar="PATH", help="the program, on this machine and on executors"
    )
    made.add_argument("--ship", action="store_true", help="send the program to the executors, which have none")
    made.add_argument(
        "--evidence-options", type=shlex.split, default=[], metavar="OPTIONS",
        help="options for each dsrproof evidence: '--tunnel gue:19523 --max-memory 1G'",
    )
    made.add_argument(
        "--per-task", type=positive, default=16, metavar="N", help="captures that a task reads (default: 16)"
    )
    made.add_argument(
        "--fan-in", type=positive, default=16, metavar="N", help="files of evidence that a task merges (default: 16)"
    )
    made.add_argument("--master", metavar="URL", help="Spark's master (default: as configured, else this machine)")
    return made


def main(arguments=None):
    """Python ends with 1 at an error of its own, and by a signal with less than 0: here 1 says that a service fails."""
    try:
        status = ended(arguments)
    except Exception as error:
        tell(f"cannot run: {error or type(error).__name__}")
        return CANNOT_RUN
    return CANNOT_RUN if status < 0 else status


def ended(arguments):
    arguments = sys.argv[1:] if arguments is None else arguments
    own, options = arguments, []
    if "--" in arguments:
        border = arguments.index("--")
        own, options = arguments[:border], arguments[border + 1 :]
    chosen = parser().parse_args(own)
    if chosen.fan_in < 2:
        parser().error("--fan-in: expected 2 or more")
    if bool(chosen.tables) != bool(chosen.run):
        parser().error("--tables and --run: expected both or neither")
    try:
        return run(chosen, options)
    except UsageError as error:
        tell(error)
        return USAGE
    except CannotRun as error:
        tell(error)
        return CANNOT_RUN
    except Py4JJavaError as error:
        cause = error.java_exception.getCause() or error.java_exception
        reason = (cause.getMessage() or cause.toString()).partition("Driver stacktrace")[0].strip()
        tell(f"Spark gave up: {reason}")
        return CANNOT_RUN


def run(chosen, options):
    with tempfile.TemporaryDirectory(prefix="dsrproof-fleet-") as folder, contextlib.ExitStack() as ending:
        context = SparkContext.getOrCreate(configuration(chosen.master))
        ending.callback(context.stop)
        begin = time.monotonic()
        tables = None
        if chosen.tables:
            tables = Tables(context, chosen.tables, chosen.run)
            ending.callback(tables.remove)
        captures, repeated = Listing(context).captures(chosen.captures)
        for path in repeated:
            tell(f"{path} is named twice: it is read once")
        job.ship(context, folder)
        if chosen.ship:
            context.addFile(chosen.dsrproof)
        program = Program(chosen.dsrproof, tuple(chosen.evidence_options), store_options(context))
        shares = job.evidence(context, program, captures, chosen.per_task, chosen.fan_in)
        whole, files = job.total(shares, folder)
        if not tables:
            context.stop()
        summary = {
            "captures": len(captures),
            "read": whole.read,
            "unreadable": [capture._asdict() for capture in whole.unreadable],
            "namedTwice": repeated,
            "told": list(whole.told),
            "seconds": {
                "spark": time.monotonic() - begin,
                "reading": whole.reading_seconds,
                "merging": whole.merging_seconds,
            },
        }
        try:
            return judge(chosen, options, summary, files, folder, tables)
        finally:
            write(chosen.summary, summary)


def judge(chosen, options, summary, files, folder, tables=None):
    """Ends with the status of `dsrproof verify`."""
    for capture in summary["unreadable"]:
        tell(f"{capture['capture']} is not read: {capture['reason']}")
    unreadable = len(summary["unreadable"])
    if summary["read"] + unreadable != summary["captures"]:
        raise CannotRun(f"of {summary['captures']} captures {summary['read'] + unreadable} came back: a fault of dsrproof-fleet")
    if unreadable > chosen.max_unreadable:
        raise CannotRun(f"{unreadable} captures cannot be read, and --max-unreadable is {chosen.max_unreadable}")
    if not files:
        raise CannotRun("no capture can be read")
    merged = chosen.evidence or os.path.join(folder, "all.evidence")
    report = os.path.join(folder, "report.json")
    inputs = [argument for file in files for argument in ("-r", file)]
    seconds, told = summary["seconds"], summary["told"]
    status, merging = called([chosen.dsrproof, "evidence", *inputs, "-o", merged], told)
    seconds["merging"] += merging
    if status == 0:
        unread = [f"--unread={capture['capture']}" for capture in summary["unreadable"]]
        besides = ["-o", f"json={report}"] if tables else []
        status, seconds["judging"] = called([chosen.dsrproof, "verify", "-r", merged, *unread, *options, *besides], told)
    # Each merge above another says what that said.
    told[:] = dict.fromkeys(told)
    for line in told:
        print(f"dsrproof: {line}", file=sys.stderr)
    if status < 0:
        raise CannotRun(f"{chosen.dsrproof} was ended by signal {-status}")
    if tables and status in VERDICTS:
        seconds["tables"] = tabulate(chosen.dsrproof, tables, merged, report, folder)
    summary["exitStatus"] = status
    return status


def tabulate(dsrproof, tables, merged, report, folder):
    """Writes the tables; the seconds it took."""
    begin = time.monotonic()
    report = tables.take(report)
    flows = os.path.join(folder, "flows.json")
    services = [f"--vip={service}" for service in tables.named(report)]
    said = []
    status, _ = called([dsrproof, "flows", "-r", merged, *services, "--format", "json", "-o", flows], said)
    if status != 0:
        raise CannotRun("; ".join(said) or f"dsrproof flows ended with status {status}")
    tables.write(tables.take(flows), report)
    return time.monotonic() - begin


def called(command, told):
    """Its exit status, and the seconds it took; what it says is added to what was told."""
    begin = time.monotonic()
    try:
        result = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True, errors="replace")
    except OSError as error:
        raise CannotRun(f"{command[0]}: cannot run: {error.strerror}") from error
    told += [line.removeprefix("dsrproof: ") for line in result.stderr.splitlines()]
    return result.returncode, time.monotonic() - begin


def configuration(master):
    made = SparkConf().setAppName("dsrproof-fleet")
    # This machine, with the second try that a cluster gives.
    if master:
        made.setMaster(master)
    elif not made.contains("spark.master"):
        made.setMaster("local[*,4]")
    if made.get("spark.master").startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for key, value in [("spark.driver.maxResultSize", "0"), ("spark.ui.showConsoleProgress", "false")]:
        made.setIfMissing(key, value)
    return made


def store_options(context):
    prefix = "spark.hadoop."
    return tuple((key[len(prefix) :], value) for key, value in context.getConf().getAll() if key.startswith(prefix))


def write(path, summary):
    if path:
        try:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(summary, file, indent=2)
                file.write("\n")
        except OSError as error:
            raise CannotRun(f"{path}: cannot write: {error.strerror}") from error


def tell(message):
    print(f"dsrproof-fleet: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
