"""Holds the tables of dsrproof-fleet to what was captured, in Spark and in DuckDB. Tests/fleet.py runs it."""

import contextlib
import datetime
import decimal
import json
import pathlib
import re
import struct
import subprocess
from unittest import mock

import duckdb
from dsrproof_fleet import captures, tables
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from held import contains, equal

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/fleet-tables.md").read_text()
LAB = ROOT / "fixtures/lab"
DAY = 86400
MOST = 2**64 - 1
# Of the lab: docs and lab/README.md.
BALANCER, NODE, OTHER_NODE = "06:1f:8a:6c:8e:d2", "06:d2:0a:b1:14:20", "06:d2:0a:b1:14:21"
VIP, OTHER_VIP = bytes([10, 1, 10, 10]), bytes([10, 1, 10, 11])
# What is put below the microseconds of the first run's frames.
NANOSECONDS = 789


def moved(path, seconds, nanoseconds=None):
    """A capture so many seconds later; with nanoseconds, in the form that has them."""
    capture = bytearray(path.read_bytes())
    assert capture[:4] == b"\xd4\xc3\xb2\xa1", path
    if nanoseconds is not None:
        capture[:4] = b"\x4d\x3c\xb2\xa1"
    offset = 24
    while offset + 16 <= len(capture):
        second, fraction, length, _ = struct.unpack_from("<4I", capture, offset)
        fraction = fraction if nanoseconds is None else fraction * 1000 + nanoseconds
        struct.pack_into("<2I", capture, offset, second + seconds, fraction)
        offset += 16 + length
    return bytes(capture)


def microseconds(capture):
    """The time of each frame of Ethernet, with its MACs and the addresses that an IPv4 packet has."""
    offset = 24
    while offset + 16 <= len(capture):
        second, fraction, length, _ = struct.unpack_from("<4I", capture, offset)
        frame = capture[offset + 16 : offset + 16 + length]
        to, source = (":".join(f"{octet:02x}" for octet in frame[start : start + 6]) for start in (0, 6))
        yield second * 1_000_000 + fraction, to, source, frame[26:30] if frame[12:14] == b"\x08\x00" else b""
        offset += 16 + length


def code(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Engines:
    """The views of the page, in both, and what each answers: times as microseconds since 1970."""

    def __init__(self, session, folder):
        self.spark, self.duckdb = session, duckdb.connect()
        # No answer may depend on them.
        self.spark.sql("SET TIME ZONE 'America/St_Johns'")
        self.duckdb.sql("SET TIME ZONE 'Asia/Kathmandu'")
        for block, engine in zip(code("python"), [{"spark": self.spark}, {"duckdb": self.duckdb}]):
            exec(block, engine | {"tables": str(folder)})

    def answers(self, query):
        return self.of_spark(query), self.of_duckdb(query)

    def of_spark(self, query):
        found = self.spark.sql(query)
        columns = [
            f"unix_micros(`{name}`) AS `{name}`" if kind == "timestamp" else f"`{name}`" for name, kind in found.dtypes
        ]
        return [tuple(row) for row in found.selectExpr(*columns).collect()]

    def of_duckdb(self, query):
        found = self.duckdb.sql(query)
        columns = [
            f'epoch_us("{name}") AS "{name}"' if str(kind).startswith("TIMESTAMP") else f'"{name}"'
            for name, kind in zip(found.columns, found.types)
        ]
        return found.project(", ".join(columns)).fetchall()


@contextlib.contextmanager
def spark(fleet):
    """Spark in this very process, which begins a Java of its own."""
    with mock.patch.dict("os.environ", fleet.environment):
        configuration = SparkConf().setMaster("local[1]").setAll([
            ("spark.ui.enabled", "false"), ("spark.ui.showConsoleProgress", "false"), ("spark.sql.shuffle.partitions", "4"),
            ("spark.driver.memory", "512m"),
        ])
        context = SparkContext.getOrCreate(configuration)
        context.setLogLevel("OFF")
        try:
            yield context
        finally:
            gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
            context.stop()
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(30)


def tabulates(fleet, folder):
    """Three days of one site, the last of them twice."""
    runs = site(folder)
    found = folder / "tables"
    services = ["--vip", "10.1.10.10:80", "--vip", "10.1.10.11:80"]
    for run, files, options, status in [
        ("first", runs["first"], services, 0), ("second", runs["second"], services[:2], 1),
        ("third", runs["third"], [], 1), ("third", runs["third"], [], 1),
    ]:
        ended, log = fleet.run(
            "--captures", *files, "--tables", found, "--run", run, "--summary", folder / f"{run}.json", "--evidence",
            folder / f"{run}.evidence", "--", *options, "--format", "json", "-o", folder / f"{run}-report.json",
            submit=["--conf", "spark.sql.shuffle.partitions=4"],
        )
        equal(f"the exit status of the {run} run", status, ended)
        if ended != status:
            raise RuntimeError(log)
    equal("what the writing leaves", [], list(found.glob("_writing*")))
    with spark(fleet) as context:
        session = SparkSession(context)
        engines = Engines(session.newSession(), found)
        holds_what_the_program_says(fleet, folder, engines)
        answers_questions(engines, runs)
        keeps_large_counters(context, folder)
        has_columns_without_rows(context, folder)
        refuses(context)


def site(folder):
    """The captures of three runs.

    The first has two VIPs behind the same backends, and midnight in the midst. On the second day the backends' gateway is the
    balancer. On the third both backends answer ARP for the VIP.
    """
    path = folder / "site"
    path.mkdir()
    good = LAB / "route/switch.pcap"
    # Its frames are of 06:11:53 to 06:12:01.
    first = moved(good, -(6 * 3600 + 11 * 60 + 57), NANOSECONDS)
    (path / "first.pcap").write_bytes(first)
    (path / "other-vip.pcap").write_bytes(first.replace(VIP, OTHER_VIP))
    (path / "second.pcap").write_bytes(moved(LAB / "route-gateway-is-balancer/switch.pcap", DAY))
    (path / "third.pcap").write_bytes(moved(LAB / "arp-leak-ignore/switch.pcap", 2 * DAY))
    return {
        "first": [path / "first.pcap", path / "other-vip.pcap"], "second": [path / "second.pcap"],
        "third": [path / "third.pcap"],
    }


def holds_what_the_program_says(fleet, folder, engines):
    rows, flows, reports = [], [], {}
    for run in ["first", "second", "third"]:
        report = json.loads((folder / f"{run}-report.json").read_text())
        reports[run] = report
        services = [f"--vip={one}" for one in report["run"]["options"].get("vip", [])]
        told = subprocess.run(
            [fleet.dsrproof, "flows", "-r", folder / f"{run}.evidence", "--format", "json", *services], check=True,
            stdout=subprocess.PIPE,
        )
        for flow in json.loads(told.stdout)["flows"]:
            ends = flow["flow"]
            name = f"{ends['protocol']}://{ends['server']}:{ends['serverPort']}"
            service = name if name in [one["service"] for one in report["services"]] else None
            begin = min((hop["firstTime"], hop["firstTimeNanoseconds"]) for hop in flow["hops"])
            end = max((hop["lastTime"], hop["lastTimeNanoseconds"]) for hop in flow["hops"])
            place = (run, datetime.date.fromisoformat(begin[0][:10]), service)
            who = (ends["protocol"], ends["client"], ends["clientPort"], ends["server"], ends["serverPort"], ends["communityId"])
            flows.append((*place, *who, flow["direction"], len(flow["hops"]), moment(begin), begin[1], moment(end), end[1]))
            rows += [
                (
                    *place, *who, hop["capture"], hop["half"], hop["sourceMAC"], hop["destinationMAC"], hop["frames"],
                    hop["firstFrame"], moment((hop["firstTime"],)), hop["firstTimeNanoseconds"],
                    moment((hop["lastTime"],)), hop["lastTimeNanoseconds"],
                )
                for hop in flow["hops"]
            ]
    ends = "run, day, service, protocol, client, client_port, server, server_port, community_id"
    times = "first_time, first_time_nanoseconds, last_time, last_time_nanoseconds"
    both(engines, "flows", f"SELECT {ends}, direction, links, {times} FROM flows", flows)
    both(
        engines, "links",
        f"SELECT {ends}, capture, half, source_mac, destination_mac, frames, first_frame, {times} FROM links", rows,
    )
    legs = "SELECT run, service, half, from_role, to_role, source_mac, destination_mac, frames, flows FROM legs"
    both(engines, "legs", legs, [
        (run, one["service"], *(report["links"][leg["link"]][key] for key in ["half", "from", "to", "sourceMAC", "destinationMAC"]),
         leg["frames"], leg["flows"])
        for run, report in reports.items() for one in report["services"] for leg in one["legs"]
    ])
    both(engines, "verdicts", "SELECT run, service, verdict, reason, flows, direct, via_balancer, undecided, claims FROM verdicts", [
        (run, one["service"], one["verdict"], one["reason"],
         *(one["flows"][key] for key in ["total", "direct", "viaBalancer", "undecided"]), len(one["claims"]))
        for run, report in reports.items() for one in report["services"]
    ])
    both(engines, "claims", "SELECT run, service, mac, frames FROM claims", [
        (run, one["service"], claim["mac"], claim["frames"])
        for run, report in reports.items() for one in report["services"] for claim in one["claims"]
    ])
    both(engines, "stations", "SELECT run, service, role, mac, flows, known_by FROM stations", [
        (run, one["service"], role, station["mac"], station["flows"], station["knownBy"])
        for run, report in reports.items() for one in report["services"] for role in ["balancer", "backend"]
        for station in one[f"{role}s"]
    ])
    both(engines, "checks", "SELECT run, service, id, slug, outcome, summary FROM checks", [
        (run, check["service"], check["id"], check["slug"], check["outcome"], check["summary"])
        for run, report in reports.items() for check in report["checks"]
    ] + [
        (run, service, check["id"], check["slug"], check["outcome"], check["summary"])
        for run, report in reports.items() for check in report["settled"] if check["outcome"] != "notApplicable"
        for service in check["services"] or [one["service"] for one in report["services"]]
    ])
    both(engines, "evidence", "SELECT run, service, id, place, capture, frame, actual, expected FROM evidence", [
        (run, check["service"], check["id"], place + 1, one["capture"], one["frame"], one["actual"], one.get("expected"))
        for run, report in reports.items() for check in report["checks"] for place, one in enumerate(check["evidence"])
    ])
    kinds = "SELECT frames, first_frame, first_time, first_time_nanoseconds FROM links"
    equal("Spark's types", ["decimal(20,0)"] * 2 + ["timestamp", "int"], [kind for _, kind in engines.spark.sql(kinds).dtypes])
    kinds = [str(kind) for kind in engines.duckdb.sql(kinds).types]
    equal("DuckDB's types", ["DECIMAL(20,0)"] * 2 + ["TIMESTAMP WITH TIME ZONE", "INTEGER"], kinds)
    days = "SELECT DISTINCT day FROM flows WHERE run = 'first' ORDER BY day"
    expected = [(datetime.date(2026, 11, day),) for day in (24, 25)]
    equal("the days of flows around midnight", (expected, expected), engines.answers(days))
    for nanoseconds in engines.answers("SELECT DISTINCT first_time_nanoseconds FROM links WHERE run = 'first'"):
        equal("nanoseconds", [(NANOSECONDS,)], nanoseconds)


def both(engines, name, query, expected):
    order = lambda rows: sorted(rows, key=str)
    expected = order([tuple(plain(value) for value in row) for row in expected])
    equal(f"{name} has rows", True, len(expected) > 0)
    for engine, rows in zip(["Spark", "DuckDB"], engines.answers(query)):
        equal(f"{name} in {engine}", expected, order([tuple(plain(value) for value in row) for row in rows]))


def plain(value):
    """A decimal counter as the integer that it is."""
    return int(value) if isinstance(value, decimal.Decimal) and value == int(value) else value


def moment(time):
    parsed = datetime.datetime.fromisoformat(time[0].replace("Z", "+00:00"))
    since = parsed - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return since // datetime.timedelta(microseconds=1)


def answers_questions(engines, runs):
    queries = code("sql")
    equal("questions", 10, len(queries))
    answers = []
    for number, query in enumerate(queries, 1):
        of_spark, of_duckdb = ([tuple(plain(value) for value in row) for row in rows] for rows in engines.answers(query))
        equal(f"the answer to question {number}", of_spark, of_duckdb)
        answers.append(of_spark)
    service, other = "tcp://10.1.10.10:80", "tcp://10.1.10.11:80"
    date = lambda day: datetime.date(2026, 11, day)
    several = [(mac, 2, "10.1.10.10", "10.1.10.11") for mac in (NODE, OTHER_NODE)]
    equal("backends of several VIPs", several, answers[0])
    replies = [
        time for time, to, source, address in microseconds(runs["second"][0].read_bytes())
        if (to, source, address) == (BALANCER, NODE, VIP)
    ]
    equal("since when a node replies through the balancer", [(NODE, service, min(replies), 3)], answers[1])
    equal("VIPs with several owners", [("10.1.10.10", 3, date(24), date(27))], answers[2])
    last = {row[0]: row[1:3] for row in answers[3]}
    equal("what did not pass last", (date(27), "fail"), last.get(service))
    equal("what passed last", False, other in last)
    equal("when verdicts changed", [(service, date(26), "pass", "fail")], answers[4])
    shares = [(service, date(24), 6, 100), (service, date(26), 6, 0), (service, date(27), 6, 0), (other, date(24), 6, 100)]
    equal("shares of direct flows", shares, [row for row in answers[5] if row[0] in (service, other)])
    equal("who gets replies", {("client", date(24)), ("balancer", date(26))}, {row[1:3] for row in answers[7]})
    contains("failed checks", ("reply-via-balancer", 1, date(26), date(26)), answers[8])
    contains("failed checks", ("vip-owner-contested", 1, date(27), date(27)), answers[8])
    equal("who claims", {str(runs["third"][0])}, {row[2] for row in answers[9]})


def made_up(folder, name, flows, services):
    """What the program prints, as far as the tables read it, with made-up rows: URLs of both files."""
    path = folder / name
    path.mkdir()
    lines = ",\n".join(json.dumps(flow, separators=(",", ":")) for flow in flows)
    (path / "flows.json").write_text('{\n"captures": [{"path":"x"}],\n"flows": [\n' + lines + '\n],\n"schemaVersion": 1\n}\n')
    report = {
        "captures": [{"firstTime": "2026-11-30T00:00:00.000000Z", "lastTime": "2026-11-30T23:59:59.999999Z", "path": "x"}],
        "checks": [], "links": [], "run": {"end": "2026-12-01T00:00:00.000001Z", "options": {}, "version": "0"},
        "services": services, "settled": [],
    }
    (path / "report.json").write_text(json.dumps(report))
    return f"file://{path}/flows.json", f"file://{path}/report.json"


def keeps_large_counters(context, folder):
    hop = {
        "capture": "x", "destinationMAC": None, "encapsulation": ["gre", "ipip"], "firstFrame": 2**63, "frames": MOST,
        "firstTime": "2106-02-07T06:28:15.999999Z", "firstTimeNanoseconds": 999, "half": "reply", "interface": None,
        "lastTime": "2106-02-07T06:28:15.999999Z", "lastTimeNanoseconds": 999, "sourceMAC": NODE, "tunnelDestination": None,
        "tunnelIdentifier": 2**32 - 1, "tunnelSource": None, "vlan": [100, 10],
    }
    ends = {"client": "fd00::64", "clientPort": 65535, "communityId": "1:=", "protocol": "udp", "server": "fd00:10::10", "serverPort": 53}
    name = "udp://[fd00:10::10]:53"
    service = {
        "service": name, "claims": [{"mac": NODE, "frames": MOST}], "verdict": "inconclusive", "legs": [],
        "flows": {"total": 2**63 - 1}, "moreClaims": 7, "assumptions": [], "balancers": [], "backends": [],
    }
    whole = service | {"service": "10.1.10.10", "claims": []}
    flow = {"direction": "named", "flow": ends, "hops": [hop]}
    elsewhere = [flow | {"flow": ends | {"server": server, "protocol": "tcp"}} for server in ("10.1.10.10", "fd00:10::10")]
    flows, report = made_up(folder, "large", [flow, *elsewhere], [service, whole])
    place = folder / "large-tables"
    tables.Tables(context, str(place), "large").write(flows, report)
    engines = Engines(SparkSession(context).newSession(), place)
    of_service = f"WHERE service = '{name}'"
    seen = (datetime.date(2106, 2, 7), MOST, 2**63, 2**32 - 1, "100/10", "gre/ipip", 999)
    for query, expected in [
        (f"SELECT day, frames, first_frame, tunnel_identifier, vlan, encapsulation, last_time_nanoseconds FROM links {of_service}", seen),
        (f"SELECT first_time FROM flows {of_service}", (moment((hop["firstTime"],)),)),
        ("SELECT protocol, server FROM flows WHERE service = '10.1.10.10'", ("tcp", "10.1.10.10")),
        ("SELECT protocol, server FROM flows WHERE service IS NULL", ("tcp", "fd00:10::10")),
        ("SELECT vip, frames FROM claims", ("fd00:10::10", MOST)),
        (f"SELECT flows, claims, day FROM verdicts {of_service}", (2**63 - 1, 8, datetime.date(2026, 11, 30))),
        ("SELECT vip FROM verdicts WHERE service = '10.1.10.10'", ("10.1.10.10",)),
        ("SELECT sum(frames) FROM links", (3 * MOST,)),
    ]:
        for rows in engines.answers(query):
            equal(query, [expected], [tuple(plain(value) for value in row) for row in rows])
    hop["frames"] = "many"
    flows, report = made_up(folder, "wrong", [{"direction": "named", "flow": ends, "hops": [hop]}], [service])
    try:
        tables.Tables(context, str(folder / "wrong-tables"), "wrong").write(flows, report)
        equal("what is no number is refused", True, False)
    except Exception as error:
        contains("what is no number", "MALFORMED_RECORD", str(error))


def has_columns_without_rows(context, folder):
    flows, report = made_up(folder, "empty", [], [])
    place = folder / "empty-tables"
    tables.Tables(context, str(place), "empty").write(flows, report)
    engines = Engines(SparkSession(context).newSession(), place)
    for number, query in enumerate(code("sql"), 1):
        equal(f"question {number} without rows", [], engines.of_duckdb(query))
        equal(f"columns of question {number} without rows", engines.duckdb.sql(query).columns, engines.spark.sql(query).columns)


def refuses(context):
    for url, run, reason in [
        ("/x", "2026-11-30", "expected a small letter"), ("/x", "NaN", "expected a small letter"),
        ("/x", "a/b", "expected a small letter"), ("/x*", "a", "a glob"), ("/proc/x", "a", "cannot write"),
        ("nothing://x/", "a", "cannot write"),
    ]:
        try:
            tables.Tables(context, url, run)
            equal(f"{url} {run} is refused", True, False)
        except captures.UsageError as error:
            contains(f"why {url} {run} is refused", reason, str(error))
