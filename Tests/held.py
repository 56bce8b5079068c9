"""What a test holds, counted, and what it does not, for Tests/*.py."""

import sys

checked = 0
failures = []


def equal(name, expected, found):
    held(expected == found, f"{name}: expected {expected}, found {found}")


def contains(name, part, text):
    held(part in text, f"{name}: expected {part!r} in {text[-2000:]!r}")


def held(is_held, failure):
    global checked
    checked += 1
    if not is_held:
        failures.append(failure)


def status(test):
    """Tells how the test ended; its exit status."""
    for failure in failures:
        print(f"{test}: {failure}", file=sys.stderr)
    if not failures:
        print(f"{test}: all {checked} held")
    return 1 if failures else 0
