#!/usr/bin/env python3
"""A cluster's API server as far as `--kubernetes live` asks one: over HTTPS, in pages, and to whoever may.

    api-server.py FOLDER

writes into FOLDER its authority (ca.crt), a client's certificate and key (client.crt, client.key), and all of its objects as one
List (objects.json); prints its port, and that of one whose certificate bears another name, on a line; notes the path of each
question (asked); and answers until its standard input ends. It knows the token `sesame`, and `weak`, which may not list nodes.
What the first part of a path tells it to do differently:

    /expires/...    the second page of Services is gone the first time
    /gone/...       ... and every time
    /busy/...       each question gets 503 first, and an answer then
    /endless/...    each page has a next one
    /bare/...       knows no EndpointSlices and no kube-proxy
    /refused/...    answers 200 with a refusal; /strange/... with another kind; /empty/... with a list that has no items;
    /short/...      with a list of which some are left, and no next page

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import threading
import urllib.parse

folder = pathlib.Path(sys.argv[1])


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def certificate(name, subject, *extensions):
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
    (folder / f"{name}.ext").write_text("\n".join(extensions))
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-out", f"{name}.crt", "-extfile", f"{name}.ext")


openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a cluster", "-keyout", "ca.key", "-out", "ca.crt",
        "-addext", "basicConstraints=critical,CA:TRUE")
certificate("server", "/CN=kubernetes", "subjectAltName=DNS:kubernetes,IP:127.0.0.1")
certificate("client", "/O=readers/CN=someone", "extendedKeyUsage=clientAuth")
certificate("misnamed", "/CN=elsewhere", "subjectAltName=DNS:elsewhere")


def service(name, address):
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": "7"},
        "spec": {
            "type": "LoadBalancer", "externalTrafficPolicy": "Cluster", "loadBalancerIP": address,
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": address}]}},
    }


def slice(name, backend, port):
    return {
        "metadata": {"name": f"{name}-x", "namespace": "shop", "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [backend], "conditions": {"ready": True}, "nodeName": "n1"}],
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
    }


# The one that matters stands last, on the third page.
services = [service(f"s{number}", f"10.2.{number // 250}.{number % 250 + 1}") for number in range(1200)]
services.append(service("web", "10.1.10.10"))
lists = {
    "/api/v1/services": ("ServiceList", "v1", services),
    "/apis/discovery.k8s.io/v1/endpointslices": (
        "EndpointSliceList", "discovery.k8s.io/v1", [slice("web", "10.1.10.20", 8080)]),
    "/api/v1/endpoints": ("EndpointsList", "v1", [{
        "metadata": {"name": "web", "namespace": "shop"},
        "subsets": [{"addresses": [{"ip": "10.1.10.20", "nodeName": "n1"}], "ports": [{"name": "http", "port": 8080}]}],
    }]),
    "/api/v1/nodes": ("NodeList", "v1", [{
        "metadata": {"name": "n1"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.1.10.20"}]},
    }]),
}
proxy = {
    "kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "kube-proxy", "namespace": "kube-system"},
    "data": {"config.conf": "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\nipvs:\n  strictARP: false\n"},
}
everything = [proxy] + [
    {"kind": kind.removesuffix("List"), "apiVersion": version, **item}
    for path, (kind, version, items) in lists.items() if path != "/api/v1/endpoints" for item in items
]
(folder / "objects.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": everything}))

asked = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, code, message):
        self.answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, strict_parsing=bool(url.query)))
        _, first, *_ = url.path.split("/")
        mood = first if first in ("expires", "gone", "busy", "endless", "bare", "refused", "strange", "empty", "short") else ""
        path = url.path.removeprefix(f"/{mood}") if mood else url.path
        with open(folder / "asked", "a") as notes:
            notes.write(path + "\n")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        name = "system:serviceaccount:shop:watcher"
        if self.connection.getpeercert():
            token = token or "sesame"
        if token not in ("sesame", "weak"):
            return self.refuse(401, "Unauthorized")
        resource = path.rsplit("/", 1)[-1]
        if token == "weak" and resource == "nodes":
            return self.refuse(403, f'nodes is forbidden: User "{name}" cannot list resource "nodes" in API group "" at the cluster scope')
        count = asked[self.path] = asked.get(self.path, 0) + 1
        if mood == "busy" and count == 1:
            return self.refuse(503, "the server is currently unable to handle the request")
        if path == "/api/v1/namespaces/kube-system/configmaps/kube-proxy" and mood != "bare":
            return self.answer(200, proxy)
        if path not in lists or mood == "bare" and "discovery" in path:
            return self.refuse(404, "the server could not find the requested resource")
        kind, version, items = lists[path]
        if mood == "refused":
            return self.answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "not today"})
        if mood in ("strange", "empty"):
            return self.answer(200, {"kind": "FooList" if mood == "strange" else kind, "apiVersion": version, "metadata": {}, **({"items": []} if mood == "strange" else {})})
        start = int(query.get("continue", "at+0/=").removeprefix("at+").removesuffix("/="))
        if start and (mood == "gone" or mood == "expires" and count == 1 and start == 500):
            return self.refuse(410, "The provided continue parameter is too old")
        end = start + int(query["limit"])
        metadata = {"resourceVersion": "9"}
        if mood == "endless":
            metadata["continue"] = "at+1/="
        elif mood == "short":
            metadata["remainingItemCount"] = 7
        elif end < len(items):
            # Not what a server writes, but what a URL has to escape.
            metadata["continue"] = f"at+{end}/="
        self.answer(200, {"kind": kind, "apiVersion": version, "metadata": metadata, "items": items[start:end] if mood != "endless" else []})


def serve(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{certificate}.crt", folder / f"{certificate}.key")
    context.load_verify_locations(folder / "ca.crt")
    context.verify_mode = ssl.CERT_OPTIONAL
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


print(serve("server"), serve("misnamed"), flush=True)
sys.stdin.read()
