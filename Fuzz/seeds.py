"""Writes frames of the captures below a folder as inputs for the fuzzer: seeds.py FIXTURES CORPUS."""

import hashlib
import pathlib
import struct
import sys

# The order of LinkType.allCases, by their numbers in capture files.
LINK_TYPES = [0, 1, 101, 108, 113, 228, 229, 276]
FRAMES_PER_CAPTURE = 64


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


def main(fixtures, corpus):
    for path in sorted(pathlib.Path(fixtures).rglob("*.pcap")):
        for index, (link_type, frame) in enumerate(frames(path.read_bytes())):
            if index == FRAMES_PER_CAPTURE:
                break
            seed = bytes([LINK_TYPES.index(link_type), 0]) + frame
            pathlib.Path(corpus, hashlib.sha1(seed).hexdigest()).write_bytes(seed)


main(*sys.argv[1:])
