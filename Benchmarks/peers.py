"""Programs that read the same capture and do what lies nearest to judging it.

Each is a name, what it does, the command for a capture, and the largest number of frames that it is given: tshark
takes minutes for what the others read in a second.
"""

import os
import shutil
import struct

ALL = None

PEERS = [
    ("dd", "reads the bytes", lambda path, scratch: ["dd", f"if={path}", f"of={os.devnull}", "bs=1M", "status=none"], ALL),
    ("tcpdump", "filters each frame", lambda path, scratch: ["tcpdump", "-r", path, "-w", os.devnull, "tcp port 99"], ALL),
    ("tracestats", "counts the frames", lambda path, scratch: ["tracestats", f"pcapfile:{path}"], ALL),
    ("capinfos", "sums the frames up", lambda path, scratch: ["capinfos", path], ALL),
    ("nfpcapd", "keeps the flows", lambda path, scratch: ["nfpcapd", "-r", path, "-l", scratch], ALL),
    ("argus", "keeps the flows", lambda path, scratch: ["argus", "-r", path, "-w", os.devnull], ALL),
    ("tshark", "dissects, lists the conversations",
     lambda path, scratch: ["tshark", "-n", "-r", path, "-q", "-z", "conv,tcp"], 200_000),
]


def missing():
    """Peers that are not here."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return [name for name, *_ in PEERS if not shutil.which(name, path=path)]


def beginning(path, frames, to):
    """Writes the first so many frames of a pcap file into another."""
    with open(path, "rb") as file, open(to, "wb") as part:
        part.write(file.read(24))
        for _ in range(frames):
            header = file.read(16)
            if len(header) < 16:
                break
            part.write(header + file.read(struct.unpack_from("<I", header, 8)[0]))
