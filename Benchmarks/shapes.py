"""Captures with many of one thing, some of them made up to be slow to judge. Each is a function of a number.

`Benchmarks/run` writes them in three sizes, and asks by which power of the size the time to judge them grows.
"""

import shutil
import struct

BALANCER, CLIENT, BACKEND = 0x02B000000001, 0x02C100000001, 0x02BE00000001
VIP, ASKER = 0x0A010A0A, 0x0A010A64
EVERYBODY = 0xFFFFFFFFFFFF


def mac(number):
    return number.to_bytes(6, "big")


def arp(to, source, operation, sender, target_mac, target, owner=VIP):
    return (
        mac(to) + mac(source) + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation)
        + mac(sender) + struct.pack(">I", owner) + mac(target_mac) + struct.pack(">I", target)
    ).ljust(60, b"\0")


def ip(source, to, protocol, payload):
    return struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, protocol, 0, source, to) + payload


def tcp(source, source_port, to, port, sequence, acknowledgment, flags):
    header = struct.pack(">HHIIBBHHH", source_port, port, sequence, acknowledgment, 0x50, flags, 65535, 0, 0)
    return ip(source, to, 6, header)


def ethernet(to, source, packet, kind=0x0800):
    return (mac(to) + mac(source) + struct.pack(">H", kind) + packet).ljust(60, b"\0")


def asked():
    """The client asks for the VIP, and the balancer answers."""
    yield arp(EVERYBODY, CLIENT, 1, CLIENT, 0, VIP, owner=ASKER)
    yield arp(CLIENT, BALANCER, 2, BALANCER, CLIENT, ASKER)


def handshake(number, backend=BACKEND, port=80):
    """One flow that returns directly."""
    address, source = 0x0A020000 + number // 50000, 1024 + number % 50000
    yield ethernet(BALANCER, CLIENT, tcp(address, source, VIP, port, 1000, 0, 0x02))
    yield ethernet(CLIENT, backend, tcp(VIP, port, address, source, 5000, 1001, 0x12))
    yield ethernet(BALANCER, CLIENT, tcp(address, source, VIP, port, 1001, 5001, 0x10))


def claims(size):
    """As many MACs say that they own the VIP."""
    yield from asked()
    yield from handshake(0)
    for number in range(size):
        own = 0x020000000000 + number * 2654435761 % (1 << 32)
        yield arp(CLIENT, own, 2, own, CLIENT, ASKER)


def scan(size):
    """A SYN to as many ports."""
    yield from asked()
    for number in range(size):
        yield ethernet(BALANCER, CLIENT, tcp(0x14000000 + number, 40000, VIP, 1 + number % 65535, 1, 0, 0x02))


def backends(size):
    """A flow to each of as many backends."""
    yield from asked()
    for number in range(size):
        yield from handshake(number, backend=BACKEND + number)


def networks(size):
    """A flow in each of as many VLANs."""
    yield from asked()
    for number in range(size):
        for frame in handshake(number):
            yield frame[:12] + struct.pack(">HH", 0x8100, 1 + number % 4094) + frame[12:]


def pairs(size):
    """One flow whose frames go between as many pairs of MACs."""
    yield from asked()
    yield from handshake(0)
    for number in range(size):
        to, source = 0x020000000000 + 2 * number, 0x020000000001 + 2 * number
        yield ethernet(to, source, tcp(0x0A020000, 5555, VIP, 80, 1001 + number, 5001, 0x10))


def tunnels(size):
    """Requests in tunnels between as many ends."""
    yield from asked()
    yield from handshake(0)
    for number in range(size):
        inner = tcp(0x14000000 + number, 40000, VIP, 80, 1, 0, 0x02)
        yield ethernet(BACKEND, BALANCER, ip(0xAC100000 + number % 65536, 0x0A030000 + number, 4, inner))


def frames(size):
    """As many frames in a thousand flows."""
    yield from asked()
    for number in range(1000):
        yield from handshake(number)
    for number in range(size):
        address, source = 0x0A020000, 1024 + number % 1000
        yield ethernet(BALANCER, CLIENT, tcp(address, source, VIP, 80, 1001 + number // 1000, 5001, 0x10))


def flows(size):
    """As many flows that return directly."""
    yield from asked()
    for number in range(size):
        yield from handshake(number, backend=BACKEND + number % 16)


def services(size):
    """A flow to each of as many ports of the VIP."""
    yield from asked()
    for number in range(size):
        yield from handshake(number, port=1 + number)


def capture(size):
    """A hundred flows: one of as many captures."""
    yield from asked()
    for number in range(100):
        yield from handshake(100 * size + number)


# By name: what makes it, the largest size, and whether the services are to be found.
SHAPES = {
    "frames": (frames, 1_000_000, False),
    "flows": (flows, 200_000, False),
    "services": (services, 40_000, True),
    "claims": (claims, 100_000, False),
    "scan": (scan, 65_535, True),
    "backends": (backends, 10_000, False),
    "networks": (networks, 4_000, False),
    "pairs": (pairs, 40_000, False),
    "tunnels": (tunnels, 100_000, False),
}


# Files in a folder: what makes one of them of its number, and how many at most.
FOLDERS = {"captures": (capture, 400)}


def write(path, frames):
    """Writes a pcap file."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            microseconds = number * 10
            file.write(struct.pack(
                "<IIII", 1_700_000_000 + microseconds // 1_000_000, microseconds % 1_000_000, len(frame), len(frame)))
            file.write(frame)


def write_interfaces(path, size):
    """Writes a pcapng file that describes as many interfaces, each with one frame of one flow."""
    with open(path, "wb") as file:
        def block(kind, body):
            length = 12 + len(body)
            file.write(struct.pack("<II", kind, length) + body + struct.pack("<I", length))

        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        for _ in range(size):
            block(1, struct.pack("<HHI", 1, 0, 0))
        own = [*asked(), *handshake(0)]
        for number in range(size):
            frame = own[number] if number < len(own) else own[-1]
            padded = frame.ljust((len(frame) + 3) // 4 * 4, b"\0")
            time = 1_700_000_000_000_000 + number * 10
            block(6, struct.pack("<IIIII", number, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)) + padded)


def captures_of(folder):
    """Each shape's name, its sizes with the capture (or folder) of each, and whether the services are to be found.

    What is not there yet is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, (make, largest, found) in SHAPES.items():
        yield name, [(size, kept(folder / f"{name}-{size}.pcap", lambda path: write(path, make(size))))
                     for size in sizes(largest)], found
    yield "interfaces", [(size, kept(folder / f"interfaces-{size}.pcapng", lambda path: write_interfaces(path, size)))
                         for size in sizes(40_000)], False
    for name, (make, largest) in FOLDERS.items():
        def fill(path, size):
            path.mkdir()
            for number in range(size):
                write(path / f"{number}.pcap", make(number))

        yield name, [(size, kept(folder / f"{name}-{size}", lambda path: fill(path, size)))
                     for size in sizes(largest)], False


def sizes(largest):
    return largest // 4, largest // 2, largest


def kept(path, make):
    if not path.exists():
        # A run that is ended leaves no half of it.
        part = path.with_name(path.name + ".part")
        if part.is_dir():
            shutil.rmtree(part)
        make(part)
        part.rename(path)
    return path
