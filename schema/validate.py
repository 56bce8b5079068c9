#!/usr/bin/env python3
"""validate.py SCHEMA DOCUMENT...: holds JSON documents against a schema of this folder.

Exits 0 where all are valid, 1 with what is wrong where one is not. Needs the package jsonschema
(Debian: python3-jsonschema).
"""

import json
import sys

import jsonschema


def main() -> int:
    schema, *documents = map(read, sys.argv[1:])
    draft = jsonschema.Draft202012Validator
    draft.check_schema(schema)
    validator = draft(schema, format_checker=draft.FORMAT_CHECKER)
    valid = True
    for path, document in zip(sys.argv[2:], documents):
        for fault in validator.iter_errors(document):
            print(f"{path}: {fault.json_path}: {fault.message}", file=sys.stderr)
            valid = False
    return 0 if valid else 1


def read(path: str):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


if __name__ == "__main__":
    sys.exit(main())
