"""Asks for echoes: ping.py ADDRESS COUNT. Prints "answered" or "silent" for each."""

import os
import socket
import struct
import sys

ADDRESS, COUNT = sys.argv[1], int(sys.argv[2])


def checksum(data):
    """That of RFC 1071, of an even number of bytes."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


asker = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
asker.connect((ADDRESS, 0))
asker.settimeout(2)
identifier = os.getpid() & 0xFFFF
results = []
for number in range(1, COUNT + 1):
    body = struct.pack("!HH", identifier, number) + b"dsrproof" * 7
    asker.send(struct.pack("!BBH", 8, 0, checksum(b"\x08\x00" + body)) + body)
    try:
        # Echo replies alone bear type 0; the IP header comes first.
        while True:
            packet = asker.recv(2048)
            header = (packet[0] & 15) * 4
            if packet[header] == 0 and packet[header + 4 : header + 8] == body[:4]:
                results.append("answered")
                break
    except TimeoutError:
        results.append("silent")
print(*results)
