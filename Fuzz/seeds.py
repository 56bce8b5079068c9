"""Writes inputs for the fuzzers, of the captures below a folder: seeds.py FIXTURES FRAMES MESSAGES TEXTS DSRPROOF.

Frames go to the folder FRAMES; the messages of evidence files, which the program DSRPROOF makes, to MESSAGES; what tcpdump prints
to TEXTS.
"""

import hashlib
import pathlib
import struct
import subprocess
import sys

# The order of LinkType.allCases, by their numbers in capture files.
LINK_TYPES = [0, 1, 101, 108, 113, 228, 229, 276]
FRAMES_PER_CAPTURE = 64
# Evidence is kept of every so manieth capture, where it is small.
CAPTURES_PER_EVIDENCE = 8
LARGEST_MESSAGES = 16384
CAPTURES_PER_TEXT = 12
TEXT_OPTIONS = [["-e", "-nn"], ["-e", "-nn", "-vv", "-t"], ["-e", "-nn", "-#", "-XX"], ["-nn", "-v"]]
LARGEST_TEXT = 4096


def frames(data):
    """The link type and the frames of a pcap file; none of any other file."""
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if order is None or len(data) < 24:
        return
    link_type = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    if link_type not in LINK_TYPES:
        return
    offset = 24
    while offset + 16 <= len(data):
        captured = struct.unpack_from(order + "I", data, offset + 8)[0]
        yield link_type, data[offset + 16 : offset + 16 + captured]
        offset += 16 + captured


def write(seed, folder):
    pathlib.Path(folder, hashlib.sha1(seed).hexdigest()).write_bytes(seed)


def messages(path, program):
    """What is in the evidence of a capture, unpacked."""
    kept = subprocess.run([program, "evidence", "-r", path, "-o", "-"], check=True, stdout=subprocess.PIPE).stdout
    return subprocess.run(["zstd", "-dc"], input=kept, check=True, stdout=subprocess.PIPE).stdout


def text(path, options):
    """What tcpdump prints of a capture, as far as it can."""
    return subprocess.run(["tcpdump", "-r", path, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def main(fixtures, frame_folder, message_folder, text_folder, program):
    paths = sorted(pathlib.Path(fixtures).rglob("*.pcap"))
    for path in paths:
        for index, (link_type, frame) in enumerate(frames(path.read_bytes())):
            if index == FRAMES_PER_CAPTURE:
                break
            write(bytes([LINK_TYPES.index(link_type), 0]) + frame, frame_folder)
    for path in paths[::CAPTURES_PER_EVIDENCE]:
        seed = messages(path, program)
        if len(seed) <= LARGEST_MESSAGES:
            write(seed, message_folder)
    for index, path in enumerate(paths[::CAPTURES_PER_TEXT]):
        write(text(path, TEXT_OPTIONS[index % len(TEXT_OPTIONS)])[:LARGEST_TEXT], text_folder)


main(*sys.argv[1:])
