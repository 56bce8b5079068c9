"""A server of the lab: serve.py NAME READY [tcp|udp://ADDRESS:PORT]...

HTTP on TCP, an echo on UDP; TCP port 80 of every address unless told otherwise. Makes the file READY when it listens.
Says who it is, so that a look at a capture shows which backend answered.
"""

import http.server
import socket
import socketserver
import sys
import threading
import urllib.parse

NAME, READY, *PLACES = sys.argv[1:]


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"hello from {NAME}\n".encode().ljust(600, b".")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, server = self.request
        # From the address that the socket is bound to; where that is any, the kernel takes the one of the way out.
        server.sendto(NAME.encode() + b" " + data, self.client_address)


class TCPServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64


class UDPServer(socketserver.UDPServer):
    pass


servers = []
for place in PLACES or ["tcp://[::]:80"]:
    url = urllib.parse.urlsplit(place)
    kind, handler = (TCPServer, Web) if url.scheme == "tcp" else (UDPServer, Echo)
    family = socket.AF_INET6 if ":" in url.hostname else socket.AF_INET
    servers.append(type(kind.__name__, (kind,), {"address_family": family})((url.hostname, url.port), handler))
open(READY, "w").close()
for server in servers[1:]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
servers[0].serve_forever()
