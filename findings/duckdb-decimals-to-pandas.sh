#!/usr/bin/env bash
# DuckDB 1.5.6 and fastparquet 2026.9.0 hand pandas a DECIMAL(20,0) of Parquet as a float64, which rounds above 2^53.
#
# Guess: a DECIMAL comes as Python's Decimal, as pandas.read_parquet with pyarrow has it, and as DuckDB's own fetchall().
# Seen:  df() of DuckDB and to_pandas() of fastparquet give 9007199254740992.0 for 9007199254740993, without a warning. A
#        sum of a BIGINT that DuckDB writes to Parquet becomes a double too; CAST(… AS DECIMAL(38,0)) keeps it whole.
# For us: the counters of the fleet's tables are DECIMAL(20,0): docs/fleet-tables.md says what keeps them exact.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check duckdb==1.5.6 fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 >log 2>&1 ||
  { cat log >&2; echo "cannot install duckdb, fastparquet, pandas and pyarrow" >&2; exit 2; }
cat >query.py <<'P'
import duckdb, fastparquet, pandas
made, exact = duckdb.connect(), 2**53 + 1
made.sql(f"COPY (SELECT {exact}::DECIMAL(20,0) AS frames) TO 'counters.parquet'")
made.sql(f"COPY (SELECT sum({exact}::BIGINT) AS plain, sum({exact}::BIGINT)::DECIMAL(38,0) AS cast) TO 'sums.parquet'")
read = made.sql("FROM 'counters.parquet'")
print("fetchall():", repr(read.fetchall()[0][0]))
print("df():", read.df()["frames"].dtype, int(read.df()["frames"][0]))
print("fastparquet:", int(fastparquet.ParquetFile("counters.parquet").to_pandas()["frames"][0]))
print("pandas, pyarrow:", repr(pandas.read_parquet("counters.parquet", engine="pyarrow")["frames"][0]))
print("sums:", made.sql("SELECT typeof(plain), plain::BIGINT, typeof(\"cast\"), \"cast\"::BIGINT FROM 'sums.parquet'").fetchall()[0])
P
venv/bin/python3 query.py >said 2>log || { cat log >&2; exit 2; }
cat said
diff said - <<'P' || { echo "CHANGED: DuckDB, fastparquet or pandas said otherwise" >&2; exit 1; }
fetchall(): Decimal('9007199254740993')
df(): float64 9007199254740992
fastparquet: 9007199254740992
pandas, pyarrow: Decimal('9007199254740993')
sums: ('DOUBLE', 9007199254740992, 'DECIMAL(38,0)', 9007199254740993)
P
echo "PASS: two of three give pandas a float, and a sum is written as one"
