#!/usr/bin/env python3
"""validate.py SCHEMA: holds the JSON document on standard input against a schema of this folder.

Exits 0 where it is valid, 1 with what is wrong where it is not. Needs the package jsonschema
(Debian: python3-jsonschema).
"""

import json
import sys

import jsonschema


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    draft = jsonschema.Draft202012Validator
    draft.check_schema(schema)
    document = json.load(sys.stdin)
    faults = list(draft(schema, format_checker=draft.FORMAT_CHECKER).iter_errors(document))
    for fault in faults:
        print(f"{fault.json_path}: {fault.message}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
