"""A UDP client of the lab: ask.py COUNT ADDRESS PORT prints "answered" or "silent" for each question.

Each goes from a socket, and so a port, of its own. A question without an answer is asked again after 1.2 seconds, as
resolvers do.
"""

import socket
import sys

count, address, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
results = []
for number in range(count):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1.2)
        client.connect((address, port))
        result = "silent"
        for _ in range(2):
            try:
                client.send(b"question %d" % number)
                client.recv(2000)
                result = "answered"
                break
            except OSError:
                continue
        results.append(result)
print(*results)
