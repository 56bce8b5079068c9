"""Writes inputs for the fuzzer, of what is below a folder: seeds.py READERS FIXTURES SEEDS DSRPROOF.

READERS is the file that lists the readers. Each gets a folder of its name below SEEDS, with inputs that begin with its number.
The program DSRPROOF makes evidence and reports.
"""

import gzip
import hashlib
import pathlib
import re
import shutil
import struct
import subprocess
import sys

# The order of LinkType.allCases, by their numbers in capture files.
LINK_TYPES = [0, 1, 101, 108, 113, 228, 229, 276]
FRAMES_PER_CAPTURE = 16
LARGEST = 16384
# Every so manieth capture or host is enough, for the fuzzer runs all seeds before it makes inputs of its own.
STRIDE = 8


def readers(path):
    """The names of the readers, in their order."""
    return re.findall(r"\w+", " ".join(re.findall(r"^  case ([a-z0-9, ]+)$", path.read_text(), re.M)))


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


def pcapng(data):
    """The frames of a pcap file as pcapng."""

    def block(kind, body):
        body += bytes(-len(body) % 4)
        length = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + length + body + length

    blocks = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for index, (link_type, frame) in enumerate(frames(data)):
        if index == 0:
            # With a name (2), a filter (11) and a resolution (9).
            options = struct.pack("<HH4sHH4sHHB3xI", 2, 4, b"eth0", 11, 4, b"\0tcp", 9, 1, 6, 0)
            blocks.append(block(1, struct.pack("<HHI", link_type, 0, 0) + options))
        head = struct.pack("<IIIII", 0, 0, index * 1000, len(frame), len(frame))
        blocks.append(block(6, head + frame))
    return b"".join(blocks)


def run(*command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Seeds:
    def __init__(self, names, folder):
        self.names = names
        self.folder = folder
        for name in names:
            (folder / name).mkdir(parents=True, exist_ok=True)

    def add(self, name, data):
        if 0 < len(data) <= LARGEST:
            data = bytes([self.names.index(name)]) + data
            (self.folder / name / hashlib.sha1(data).hexdigest()).write_bytes(data)


def add_fields(seeds, fixtures, root):
    """What tshark prints of details, fields and lines, where it is installed."""
    if shutil.which("tshark") is None:
        return
    source = (root / "Sources/Capture/Text/PrintedField.swift").read_text()
    fields = [word for name in re.findall(r'^  case \w+ = "([a-z0-9_.]+)"$', source, re.M) for word in ("-e", name)]
    for path in sorted(fixtures.rglob("*.pcap"))[:: STRIDE * 8]:
        seeds.add("text", run("tshark", "-n", "-c", "8", "-r", str(path), "-V"))
        seeds.add("text", run("tshark", "-n", "-c", "24", "-r", str(path), "-T", "fields", "-E", "header=y", *fields))
        for macs in ('"b","%uhs","c","%uhd"', '"b","%Cus:eth.src","c","%Cus:eth.dst"'):
            columns = f'"n","%m","a","%t","d","%s","e","%d",{macs},"f","%p","g","%L","h","%i"'
            seeds.add("text", run("tshark", "-n", "-c", "24", "-r", str(path), "-o", f"gui.column.format:{columns}"))


def add_captures(seeds, fixtures, program):
    for number, path in enumerate(sorted(fixtures.rglob("*.pcap"))):
        data = path.read_bytes()
        for link_type, frame in list(frames(data))[:FRAMES_PER_CAPTURE]:
            seeds.add("dissection", bytes([LINK_TYPES.index(link_type), 0]) + frame)
        if number % STRIDE or len(data) > LARGEST:
            continue
        seeds.add("reports", b"\0" + data)
        seeds.add("reports", b"\1" + pcapng(data))
        seeds.add("pcap", data)
        seeds.add("pcapng", pcapng(data))
        seeds.add("gzip", gzip.compress(data, mtime=0))
        seeds.add("zstd", run("zstd", "-c", data=data))
        evidence = run(program, "evidence", "-r", str(path), "-o", "-")
        seeds.add("evidence", evidence)
        seeds.add("evidence", run("zstd", "-dc", data=evidence))
        report = run(program, "-r", str(path), "--format", "json")
        seeds.add("diff", report)
        seeds.add("diff", report + b"\0" + report.replace(b"pass", b"fail"))
        seeds.add("config", run(program, "init", "-r", str(path)))


# The folders of fixtures/tables that a reader reads, where they are not called as it is.
FOLDERS = {"ipvs": ["ipvs", "ipvs-checks", "balancers", "keepalived", "seed", "next-steps"], "pasted": ["pasted", "firewall"], "firewall": ["firewall", "pasted"], "kubernetes": ["kubernetes", "kubeconfig"]}


def add_texts(seeds, fixtures):
    for name in seeds.names:
        for folder in FOLDERS.get(name, [name]):
            for path in sorted((fixtures / "tables" / folder).rglob("*")):
                if path.is_file() and name != "hosts":
                    seeds.add(name, path.read_bytes())
    for path in sorted((fixtures / "text").rglob("*.txt")):
        seeds.add("text", path.read_bytes())
    for path in sorted((fixtures / "reports").rglob("*.json")):
        seeds.add("diff", path.read_bytes())
    hosts = {}
    for path in sorted(fixtures.rglob("*.*")):
        host, _, name = path.name.partition(".")
        # `ipvsadm` is a file of the host `lb` in `lb.ipvsadm`.
        if path.suffix not in (".pcap", ".md") and ("tables/hosts" in str(path) or "lab/" in str(path)) and path.is_file():
            hosts.setdefault((path.parent, host), []).append((name, path.read_bytes()))
            if name in ("keepalived", "ipvsadm", "proc_ip_vs", "ipvsadm-save", "proc_ip_vs_conn", "ipvsadm-exact"):
                seeds.add("ipvs", path.read_bytes())
            if name in ("iptables", "nftables"):
                seeds.add("firewall", path.read_bytes())
    for files in list(hosts.values())[::STRIDE]:
        texts = [b"=== " + name.encode() + b"\n" + text for name, text in files]
        seeds.add("hosts", b"\n".join(texts))
        for text in texts:
            seeds.add("hosts", text)
    odd = {"arptables": "pasted/arptables-save", "nftables": "firewall/nft-ruleset", "addr": "pasted/ifconfig", "arp": "pasted/arp-n"}
    for name, path in odd.items():
        seeds.add("hosts", b"=== " + name.encode() + b"\n" + (fixtures / "tables" / path).read_bytes())


def add_requests(seeds):
    fields = [
        "Host: localhost:9743", "Host: [::1]", "Authorization: Bearer 0123456789abcdef",
        "Authorization: Basic YW55OjAxMjM0NTY3ODlhYmNkZWY=", "body",
        "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4,*/*;q=0.1",
    ]
    for field in fields:
        seeds.add("requests", "\n".join(["GET", "Host: 127.0.0.1", field]).encode())


def main(reader_file, fixtures, folder, program):
    seeds = Seeds(readers(pathlib.Path(reader_file)), pathlib.Path(folder))
    add_captures(seeds, pathlib.Path(fixtures), program)
    add_fields(seeds, pathlib.Path(fixtures), pathlib.Path(reader_file).parents[2])
    add_texts(seeds, pathlib.Path(fixtures))
    add_requests(seeds)
    for name in seeds.names:
        if not any((seeds.folder / name).iterdir()):
            sys.exit(f"seeds.py: there is no seed for {name}")


main(*sys.argv[1:])
