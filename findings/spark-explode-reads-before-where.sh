#!/usr/bin/env bash
# Spark 3.5.3: with explode, WHERE does not keep from_json in FAILFAST mode from rows that it leaves out.
#
# Guess: SELECT ... FROM (SELECT from_json(value, ...) FROM lines WHERE value LIKE '{"%') reads no line that WHERE leaves out, so a
#        pretty-printed array of one-line objects can be read line by line.
# Seen:  LATERAL VIEW explode of what was read ends with MALFORMED_RECORD_IN_PARSING on the line "{". Without explode, with
#        spark.sql.subexpressionElimination.enabled=false, or with CASE WHEN inside from_json, it reads one row: explode adds a filter
#        on the size of what was read, and the common subexpression is evaluated before the guard.
# For us: the fleet's tables are read from `flows --format json` line by line, in FAILFAST mode; the guard stands inside from_json.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v java >/dev/null || { echo "needs Java 17: openjdk-17-jre-headless" >&2; exit 2; }
python3 -m venv venv
venv/bin/pip install -q pyspark==3.5.3 >log 2>&1 || { cat log >&2; echo "cannot install pyspark" >&2; exit 2; }
cat >query.py <<'P'
import os, sys
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
spark.createDataFrame([("{",), ('{"hops":[1]}',), ("}",)], "value STRING").createOrReplaceTempView("lines")
TYPE = "'hops ARRAY<INT>', map('mode', 'FAILFAST')"
WHERE = """WHERE value LIKE '{"%'"""
plain = f"SELECT from_json(value, {TYPE}) j FROM lines {WHERE}"
guarded = f"""SELECT from_json(CASE WHEN value LIKE '{{"%' THEN value END, {TYPE}) j FROM lines {WHERE}"""
exploded = "SELECT h FROM (SELECT j.hops FROM ({})) LATERAL VIEW explode(hops) t AS h"
def said(query):
    try:
        return f"{len(spark.sql(query).collect())} row"
    except Exception as error:
        return "MALFORMED_RECORD" if "MALFORMED_RECORD" in str(error) else type(error).__name__
print("plain:", said(plain))
print("exploded:", said(exploded.format(plain)))
print("guarded inside:", said(exploded.format(guarded)))
spark.conf.set("spark.sql.subexpressionElimination.enabled", "false")
print("without elimination:", said(exploded.format(plain)))
P
venv/bin/python3 query.py >said 2>log
cat said
diff said - <<'P' || { echo "CHANGED: Spark 3.5.3 said otherwise" >&2; exit 1; }
plain: 1 row
exploded: MALFORMED_RECORD
guarded inside: 1 row
without elimination: 1 row
P
echo "PASS: explode reads what WHERE leaves out"
