"""Tables for analysts, which Spark writes as Parquet: what `dsrproof flows` and the report tell, put into columns."""

import os
import re

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession
from pyspark.sql.functions import expr, from_json

from .captures import UsageError

# Spark reads numbers and dates out of the names of folders, so a run's name can be none: `nan` is no number to it, `NaN` is.
RUN = re.compile(r"[a-z][a-z0-9._-]*")
GLOB = re.compile(r"[*?\[\]{}\\]")
PARTITIONS = ["day", "service"]

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.adaptive.enabled": "true",
}

# A counter of 64 bits without a sign is more than a BIGINT holds.
COUNTER = "DECIMAL(20,0)"

FLOW = f"""
  direction STRING,
  flow STRUCT<client: STRING, clientPort: INT, communityId: STRING, protocol: STRING, server: STRING, serverPort: INT>,
  hops ARRAY<STRUCT<
    capture: STRING, destinationMAC: STRING, encapsulation: ARRAY<STRING>, firstFrame: {COUNTER}, firstTime: STRING,
    firstTimeNanoseconds: INT, frames: {COUNTER}, half: STRING, interface: STRING, lastTime: STRING, lastTimeNanoseconds: INT,
    sourceMAC: STRING, tunnelDestination: STRING, tunnelIdentifier: BIGINT, tunnelSource: STRING, vlan: ARRAY<INT>>>
"""

STATION = (
    "ARRAY<STRUCT<addresses: ARRAY<STRING>, connections: BIGINT, flows: BIGINT, knownBy: STRING, mac: STRING,"
    " moreAddresses: BIGINT, name: STRING>>"
)

REPORT = f"""
  captures ARRAY<STRUCT<firstTime: STRING, lastTime: STRING, name: STRING, path: STRING>>,
  checks ARRAY<STRUCT<
    evidence: ARRAY<STRUCT<
      actual: STRING, capture: STRING, expected: STRING, filter: STRING, flow: STRUCT<communityId: STRING>, frame: {COUNTER},
      line: BIGINT, table: STRING, time: STRING>>,
    id: STRING, outcome: STRING, reason: STRING, remedy: STRING, service: STRING, severity: STRING, slug: STRING,
    summary: STRING, waiver: STRUCT<ended: BOOLEAN, until: STRING>>>,
  links ARRAY<STRUCT<
    capture: STRING, destinationMAC: STRING, encapsulation: ARRAY<STRING>, `from`: STRING, half: STRING, sourceMAC: STRING,
    `to`: STRING, vlan: ARRAY<INT>>>,
  run STRUCT<`end`: STRING, options: STRUCT<vip: ARRAY<STRING>>, version: STRING>,
  services ARRAY<STRUCT<
    assumptions: ARRAY<STRING>, backends: {STATION}, balancers: {STATION}, claims: ARRAY<STRUCT<frames: {COUNTER}, mac: STRING>>,
    flows: STRUCT<
      background: BIGINT, bypassed: BIGINT, direct: BIGINT, total: BIGINT, unanswered: BIGINT, undecided: BIGINT,
      viaBalancer: BIGINT>,
    legs: ARRAY<STRUCT<flows: BIGINT, frames: {COUNTER}, link: INT, otherClients: BIGINT>>, moreClaims: BIGINT, name: STRING,
    proof: STRING, reason: STRING, service: STRING, vantage: STRING, verdict: STRING>>,
  settled ARRAY<STRUCT<
    id: STRING, outcome: STRING, reason: STRING, remedy: STRING, services: ARRAY<STRING>, severity: STRING, slug: STRING,
    summary: STRING>>
"""

# What the tables are made of. A list is taken apart before it is joined: else each row would carry all of it.
PARTS = {
    "judged": r"""
        SELECT
          one.service, one AS told, report.run,
          regexp_extract(one.service, '^(?:[a-z]+://)?\\[?([0-9a-f.:]+?)\\]?(?::[0-9]+)?$', 1) AS vip,
          CAST(substr(captures_from, 1, 10) AS DATE) AS day,
          CAST(captures_from AS TIMESTAMP) AS captures_first_time,
          CAST(captures_until AS TIMESTAMP) AS captures_last_time
        FROM (
          SELECT *, array_min(captures.firstTime) AS captures_from, array_max(captures.lastTime) AS captures_until FROM report
        ) AS report
        LATERAL VIEW explode(services) AS one""",
    "places": """
        SELECT /*+ BROADCAST */ place, link, sole
        FROM (
          SELECT links, CASE WHEN size(captures) = 1 THEN coalesce(captures[0].name, captures[0].path) END AS sole FROM report
        )
        LATERAL VIEW posexplode(links) AS place, link""",
    "said": """
        SELECT one.service, one.id, one.slug, one.outcome, one.severity, one.summary, one.reason, one.remedy, one.waiver, one.evidence
        FROM report LATERAL VIEW explode(checks) AS one
        UNION ALL
        SELECT judged.service, one.id, one.slug, one.outcome, one.severity, one.summary, one.reason, one.remedy, NULL, NULL
        FROM (SELECT one FROM report LATERAL VIEW explode(settled) AS one WHERE one.outcome <> 'notApplicable')
        JOIN (SELECT service FROM judged) AS judged ON one.services IS NULL OR array_contains(one.services, judged.service)""",
    "seen": """
        SELECT
          seen.*, coalesce(port.service, address.service) AS service,
          CAST(substr(begin.firstTime, 1, 10) AS DATE) AS day
        FROM (
          SELECT
            *, if(flow.server LIKE '%:%', concat('[', flow.server, ']'), flow.server) AS host,
            array_min(transform(hops, hop -> struct(hop.firstTime, hop.firstTimeNanoseconds))) AS begin,
            array_max(transform(hops, hop -> struct(hop.lastTime, hop.lastTimeNanoseconds))) AS finish
          FROM seen_flows
        ) AS seen
        LEFT JOIN (SELECT /*+ BROADCAST */ service FROM judged) AS port
          ON port.service = concat(seen.flow.protocol, '://', seen.host, ':', seen.flow.serverPort)
        LEFT JOIN (SELECT /*+ BROADCAST */ service FROM judged) AS address ON address.service = seen.host""",
}

ENDS = "flow.protocol, flow.client, flow.clientPort AS client_port, flow.server, flow.serverPort AS server_port"

TABLES = {
    "flows": f"""
        SELECT
          {ENDS}, flow.communityId AS community_id, direction, size(hops) AS links,
          CAST(begin.firstTime AS TIMESTAMP) AS first_time, begin.firstTimeNanoseconds AS first_time_nanoseconds,
          CAST(finish.lastTime AS TIMESTAMP) AS last_time, finish.lastTimeNanoseconds AS last_time_nanoseconds,
          day, service
        FROM seen""",
    "links": f"""
        SELECT
          {ENDS}, flow.communityId AS community_id, hop.capture, hop.interface, hop.half,
          hop.sourceMAC AS source_mac, hop.destinationMAC AS destination_mac,
          array_join(hop.vlan, '/') AS vlan, array_join(hop.encapsulation, '/') AS encapsulation,
          hop.tunnelSource AS tunnel_source, hop.tunnelDestination AS tunnel_destination,
          hop.tunnelIdentifier AS tunnel_identifier, hop.frames, hop.firstFrame AS first_frame,
          CAST(hop.firstTime AS TIMESTAMP) AS first_time, hop.firstTimeNanoseconds AS first_time_nanoseconds,
          CAST(hop.lastTime AS TIMESTAMP) AS last_time, hop.lastTimeNanoseconds AS last_time_nanoseconds,
          day, service
        FROM seen LATERAL VIEW explode(hops) AS hop""",
    "verdicts": """
        SELECT
          vip, told.name, told.verdict, told.reason, told.proof, array_join(told.assumptions, ',') AS assumptions, told.vantage,
          told.flows.total AS flows, told.flows.direct, told.flows.viaBalancer AS via_balancer, told.flows.bypassed,
          told.flows.unanswered, told.flows.background, told.flows.undecided,
          size(told.claims) + coalesce(told.moreClaims, 0) AS claims,
          captures_first_time, captures_last_time, CAST(run.`end` AS TIMESTAMP) AS judged_at, run.version, day, service
        FROM judged""",
    "stations": """
        SELECT
          vip, role, one.mac, one.name, array_join(one.addresses, ',') AS addresses,
          coalesce(one.moreAddresses, 0) AS more_addresses, one.knownBy AS known_by, one.flows, one.connections, day, service
        FROM (
          SELECT vip, 'balancer' AS role, explode(told.balancers) AS one, day, service FROM judged
          UNION ALL
          SELECT vip, 'backend' AS role, explode(told.backends) AS one, day, service FROM judged
        )""",
    "legs": """
        SELECT
          vip, link.half, link.`from` AS from_role, link.`to` AS to_role, link.sourceMAC AS source_mac,
          link.destinationMAC AS destination_mac, coalesce(array_join(link.vlan, '/'), '') AS vlan,
          coalesce(array_join(link.encapsulation, '/'), '') AS encapsulation, coalesce(link.capture, sole) AS capture,
          leg.frames, leg.flows, coalesce(leg.otherClients, 0) AS other_clients, day, service
        FROM (SELECT vip, day, service, explode(told.legs) AS leg FROM judged) JOIN places ON place = leg.link""",
    "claims": """
        SELECT vip, one.mac, one.frames, captures_first_time, captures_last_time, day, service
        FROM judged LATERAL VIEW explode(told.claims) AS one""",
    "checks": """
        SELECT
          vip, id, slug, outcome, severity, summary, said.reason, remedy, CAST(waiver.until AS DATE) AS waiver_until,
          waiver.ended AS waiver_ended, day, service
        FROM said JOIN judged USING (service)""",
    "evidence": """
        SELECT
          vip, id, slug, outcome, place + 1 AS place, one.capture, one.frame, CAST(one.time AS TIMESTAMP) AS time, one.expected,
          one.actual, one.filter, one.flow.communityId AS community_id, one.table AS table_path, one.line AS table_line, day, service
        FROM (SELECT service, id, slug, outcome, posexplode(evidence) AS (place, one) FROM said)
        JOIN judged USING (service)""",
}


class Tables:
    """The folder of the tables, and the part of one run in them."""

    def __init__(self, context, url, run):
        if not RUN.fullmatch(run):
            raise UsageError(f"--run {run}: expected a small letter, then small letters, digits and any of . _ -")
        if GLOB.search(url):
            raise UsageError(f"--tables {url}: Spark takes such signs for a glob")
        self._context, self._run = context, run
        path = self._path(url)
        try:
            self._system = path.getFileSystem(context._jsc.hadoopConfiguration())
            self._folder = self._system.makeQualified(path)
            self._staging = self._path(self._folder, f"_writing-{run}")
            # What cannot be written is known before a capture is read.
            made = self._system.mkdirs(self._staging)
        except Py4JJavaError as error:
            raise UsageError(f"--tables {url}: cannot write: {error.java_exception.toString()}") from error
        if not made:
            raise UsageError(f"--tables {url}: cannot write: no folder can be made there")

    def named(self, report):
        """The services that the user named; none where they were found."""
        return self._report(self._session(), report).select("run.options.vip").first()[0] or []

    def take(self, file):
        """Moves a file of this machine to where executors read it; its URL."""
        path = self._path(self._staging, os.path.basename(file))
        self._system.copyFromLocalFile(True, True, self._path(f"file://{file}"), path)
        return path.toString()

    def write(self, flows, report):
        """Puts this run's part of each table in the place of what it had under its name. Python sees no row."""
        session = self._session()
        self._report(session, report).createOrReplaceTempView("report")
        # A flow is a line of its own: docs/json.md. Spark may read lines that WHERE leaves out: CASE keeps them from that.
        flow = "CASE WHEN value LIKE '{\"%' THEN trim(TRAILING ',' FROM value) END"
        lines = session.read.text(flows, lineSep="\n").where("value LIKE '{\"%'")
        lines.select(_read(flow, FLOW)).select("read.*").createOrReplaceTempView("seen_flows")
        for name, query in PARTS.items():
            session.sql(query).createOrReplaceTempView(name)
        for name, query in TABLES.items():
            # A file for each day and service, and several where one would be large.
            self._put(name, session.sql(f"SELECT /*+ REBALANCE(day, service) */ * FROM ({query})"))

    def remove(self):
        """Takes away what only the writing needed."""
        self._system.delete(self._staging, True)

    def _put(self, name, rows):
        folder = self._path(self._path(self._folder, name), f"run={self._run}")
        # All that the folder holds goes, also where Spark is set to replace single partitions.
        writer = rows.write.mode("overwrite").option("partitionOverwriteMode", "static")
        writer.partitionBy(*PARTITIONS).parquet(folder.toString())
        if not self._system.globStatus(self._path(folder, "day=*")):
            # A table without a file has no columns either, and a query of it would fail.
            for partition in PARTITIONS:
                folder = self._path(folder, f"{partition}=__HIVE_DEFAULT_PARTITION__")
            rows.drop(*PARTITIONS).limit(0).write.parquet(folder.toString())

    def _session(self):
        """One of its own, with what decides how times are written."""
        session = SparkSession(self._context).newSession()
        for key, value in SETTINGS.items():
            session.conf.set(key, value)
        return session

    def _report(self, session, url):
        return session.read.text(url, wholetext=True).select(_read("value", REPORT)).select("read.*")

    def _path(self, *parts):
        return self._context._jvm.org.apache.hadoop.fs.Path(*parts)


def _read(text, schema):
    """What the JSON says, by this schema. What does not fit it fails: without that Spark makes a null of it."""
    return from_json(expr(text), schema, {"mode": "FAILFAST"}).alias("read")
