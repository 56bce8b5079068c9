#!/usr/bin/env bash
# DuckDB 1.5.6 for Python, as pip installs it, cannot hand out a timestamp with a time zone, which all of Spark's Parquet are.
#
# Guess: pip install duckdb brings all that fetchall() needs.
# Seen:  a TIMESTAMPTZ (in Parquet: isAdjustedToUTC=true, as Spark writes TIMESTAMP) raises "Required module 'pytz' failed to
#        import"; pytz is no dependency of the package. SQL on it works, and so does epoch_us(); a TIMESTAMP without zone comes.
# For us: docs/fleet-tables.md says so where it reads tables in DuckDB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q duckdb==1.5.6 >log 2>&1 || { cat log >&2; echo "cannot install duckdb" >&2; exit 2; }
cat >query.py <<'P'
import duckdb
made = duckdb.connect()
made.sql("COPY (SELECT TIMESTAMPTZ '2026-11-30 12:00:00+00' AS zoned, TIMESTAMP '2026-11-30 12:00:00' AS plain) TO 'times.parquet'")
def said(column):
    try:
        return repr(made.sql(f"SELECT {column} FROM 'times.parquet'").fetchall()[0][0])
    except Exception as error:
        return "needs pytz" if "pytz" in str(error) else type(error).__name__
for column in ("zoned", "epoch_us(zoned)", "plain"):
    print(f"{column}: {said(column)}")
P
venv/bin/python3 query.py >said 2>log || { cat log >&2; exit 2; }
cat said
diff said - <<'P' || { echo "CHANGED: DuckDB 1.5.6 said otherwise" >&2; exit 1; }
zoned: needs pytz
epoch_us(zoned): 1796040000000000
plain: datetime.datetime(2026, 11, 30, 12, 0)
P
echo "PASS: a timestamp with a time zone needs pytz"
