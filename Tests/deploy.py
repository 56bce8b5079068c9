#!/usr/bin/env python3
"""Holds deploy/ to Kubernetes' published schemas and to the rights that it promises, and starts what it describes, as root.

The bases are rendered by the kubectl of Debian 12, which is an old one. The image of `make image` runs the command of the watch on
every node with a pod's rights, beside a server that answers as the API does. Exit status: 0 all held, 1 something did not.

    deploy.py KUBECTL IMAGE-ROOT

in network and mount namespaces of its own: `Tests/deploy` makes them.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import yaml
from kubernetes_validate import validate

import held
from held import equal

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASES = ["cronjob", "job", "pod-monitor", "rbac", "watch"]
# The oldest and the newest that kubernetes-validate knows.
VERSIONS = ["1.25", "1.37"]
NET_RAW = "13"
# What a pod of the level restricted may have but for UID 0, NET_RAW and the node's network.
RIGHTS = {
    "runAsUser": 0,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


# Asks for the VIP.
FRAME = """
import socket
peer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
peer.bind(("peer", 0))
station, vip = bytes.fromhex("06ba493853f0"), socket.inet_aton("10.1.10.10")
peer.send(b"\\xff" * 6 + station + bytes.fromhex("08060001080006040001") + station + socket.inet_aton("10.1.10.100") + bytes(6) + vip)
"""


def rendered(kubectl, base):
    command = [kubectl, "kustomize", str(ROOT / "deploy" / base)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [document for document in yaml.safe_load_all(text) if document]


def valid(kubectl, base):
    """What a base renders to, held to the schemas."""
    documents = rendered(kubectl, base)
    for document in documents:
        # It knows no custom resources.
        if document["kind"] != "PodMonitor":
            for version in VERSIONS:
                validate(document, version, strict=True)
                equal(f"{base}: {document['kind']} by the schema of {version}", True, True)
    return documents


def pod(document):
    spec = document["spec"]
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]["spec"]


def check_rights(documents):
    """No pod may more than its file says, and the account no more than what is asked with it."""
    for document in documents:
        if document["kind"] not in ("Job", "CronJob", "DaemonSet"):
            continue
        name, spec = document["kind"], pod(document)
        (container,) = spec["containers"]
        equal(f"{name}: securityContext", RIGHTS, container["securityContext"])
        equal(f"{name}: image", "registry.example/dsrproof:0.1.0", container["image"])
        namespaces = {key: spec[key] for key in ("hostNetwork", "hostPID", "hostIPC") if key in spec}
        equal(f"{name}: namespaces of the node", {"hostNetwork": True}, namespaces)
        folders = [volume["hostPath"]["path"] for volume in spec["volumes"] if "hostPath" in volume]
        equal(f"{name}: folders of the node", ["/var/lib/dsrproof"], folders)
        asks = any("live" in argument for argument in container["args"]) or name == "DaemonSet"
        equal(f"{name}: account", (asks, asks), (spec.get("automountServiceAccountToken", True), "serviceAccountName" in spec))
    verbs = {(rule_verb, resource) for document in documents for rule in document.get("rules", [])
             for rule_verb in rule["verbs"] for resource in rule["resources"]}
    equal("rights of the account", {("list", "services"), ("list", "nodes"), ("list", "endpointslices"), ("get", "configmaps")}, verbs)


def may(documents, path):
    """Whether the rules let the account ask for `path`."""
    first, *parts = path.strip("/").split("/")
    group, parts = ("", parts[1:]) if first == "api" else (parts[0], parts[2:])
    namespace = None
    if parts[0] == "namespaces":
        _, namespace, *parts = parts
    resource, name = parts[0], parts[1] if len(parts) > 1 else None
    for document in documents:
        if document["kind"] not in ("ClusterRole", "Role"):
            continue
        if document["kind"] == "Role" and document["metadata"]["namespace"] != namespace:
            continue
        for rule in document["rules"]:
            names = rule.get("resourceNames")
            if (group in rule["apiGroups"] and resource in rule["resources"] and ("get" if name else "list") in rule["verbs"]
                    and (names is None or name in names)):
                return True
    return False


def make_network():
    """The interfaces of a node, in the namespace that this was started in."""
    for command in (["set", "lo", "up"], ["add", "eth1", "type", "veth", "peer", "name", "peer"],
                    ["set", "eth1", "up"], ["set", "peer", "up"]):
        subprocess.run(["ip", "link", *command], check=True)


def check_fleet(documents):
    """The job of the fleet may nothing but read what the watches write, and all of them write into one volume."""
    (job,) = [document for document in documents if document["kind"] == "CronJob"]
    (daemon,) = [document for document in documents if document["kind"] == "DaemonSet"]
    (claim,) = [document for document in documents if document["kind"] == "PersistentVolumeClaim"]
    (container,) = pod(job)["containers"]
    rights = {key: RIGHTS[key] for key in ("allowPrivilegeEscalation", "readOnlyRootFilesystem", "seccompProfile")}
    equal("fleet: securityContext", {**rights, "runAsNonRoot": True, "runAsUser": 65532, "capabilities": {"drop": ["ALL"]}},
          container["securityContext"])
    equal("fleet: image", "registry.example/dsrproof-fleet:0.1.0", container["image"])
    equal("fleet: account", False, pod(job)["automountServiceAccountToken"])
    for name, document in (("job", job), ("watch", daemon)):
        (volume,) = [volume["name"] for volume in pod(document)["volumes"] if "persistentVolumeClaim" in volume
                     and volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]]
        (mounted,) = pod(document)["containers"]
        equal(f"fleet: the volume of the {name}", [{"name": volume, "mountPath": "/hours", **({"readOnly": True} if name == "job" else {})}],
              [mount for mount in mounted["volumeMounts"] if mount["name"] == volume])
    equal("fleet: where evidence is read", True, "file:///hours/*.evidence" in container["args"])


def check_watch(documents, image, work):
    """The watch starts with a pod's rights, asks no more than it may, is healthy, and shows its metrics to who has the token."""
    (daemon,) = [document for document in documents if document["kind"] == "DaemonSet"]
    (configuration,) = [document for document in documents if document["kind"] == "ConfigMap"]
    (container,) = pod(daemon)["containers"]
    equal("the configuration's name", [configuration["metadata"]["name"]],
          [volume["configMap"]["name"] for volume in pod(daemon)["volumes"] if "configMap" in volume])
    token = "0123456789abcdef0123456789abcdef"
    for folder in ("proc", "captures", "evidence", "hours", "etc/dsrproof", "etc/dsrproof-watch", "var/run/secrets/kubernetes.io/serviceaccount"):
        (image / folder).mkdir(parents=True, exist_ok=True)
    for name, text in configuration["data"].items():
        (image / "etc/dsrproof" / name).write_text(text)
    (image / "etc/dsrproof-watch/token").write_text(token)
    api = subprocess.Popen([sys.executable, ROOT / "Tests/CommandTests/api-server.py", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = api.stdout.readline().split()[0]
    account = image / "var/run/secrets/kubernetes.io/serviceaccount"
    shutil.copy(work / "ca.crt", account)
    (account / "token").write_text("sesame")
    subprocess.run(["mount", "-t", "proc", "proc", image / "proc"], check=True)
    environment = {**os.environ, "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": port}
    start = [sys.executable, ROOT / "Tests/start-as-pod", image, "0", NET_RAW, "no"]
    equal("the command", ["dsrproof", "watch"], container["command"])
    log = open(work / "log", "w")
    watch = subprocess.Popen([*start, "watch", *container["args"]], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        for probe in ("startupProbe", "livenessProbe"):
            command = container[probe]["exec"]["command"]
            equal(f"the program of {probe}", "dsrproof", command[0])
            end = time.monotonic() + container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
            while True:
                run = subprocess.run([*start, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True)
                if run.returncode == 0 or time.monotonic() > end or watch.poll() is not None:
                    break
                time.sleep(1)
            equal(probe, (0, "ok"), (run.returncode, run.stdout[:2]))
        port = container["ports"][0]["containerPort"]
        for words, expected in (([], "401"), (["-H", f"Authorization: Bearer {token}"], "200")):
            run = subprocess.run(["curl", "-s", "-o", work / "metrics", "-w", "%{http_code}", *words, f"http://127.0.0.1:{port}/metrics"],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True)
            equal(f"metrics with {words}", expected, run.stdout)
        metrics = (work / "metrics").read_text() if (work / "metrics").exists() else ""
        equal("the service among the metrics", True, 'service="tcp://10.1.10.10:80"' in metrics)
        # A frame, so that there is evidence of it.
        subprocess.run([sys.executable, "-c", FRAME], check=True)
        time.sleep(2)
    finally:
        watch.terminate()
        status = watch.wait()
        api.stdin.close()
        api.wait()
        subprocess.run(["umount", image / "proc"], check=True)
    equal("how the watch ended", True, status in (0, 1, 3))
    written = [path.read_bytes()[8:12] for path in (image / "hours").glob("*-eth1-*-dsrproof.evidence")]
    equal("evidence of the hour", [b"dsrp"], written)
    for path in sorted(set((work / "asked").read_text().split())):
        equal(f"the right to {path}", True, may(documents, path))
    if held.failures:
        print((work / "log").read_text(), file=sys.stderr)


def main():
    kubectl, image = sys.argv[1], pathlib.Path(sys.argv[2])
    documents = [document for base in BASES for document in valid(kubectl, base)]
    fleet = valid(kubectl, "fleet")
    check_rights(documents + [document for document in fleet if document["kind"] == "DaemonSet"])
    check_fleet(fleet)
    (monitor,) = [document for document in documents if document["kind"] == "PodMonitor"]
    (daemon,) = [document for document in documents if document["kind"] == "DaemonSet"]
    equal("what is scraped", daemon["spec"]["template"]["metadata"]["labels"], monitor["spec"]["selector"]["matchLabels"])
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    equal("the port that is scraped", endpoint["port"], pod(daemon)["containers"][0]["ports"][0]["name"])
    secrets = {volume["secret"]["secretName"] for volume in pod(daemon)["volumes"] if "secret" in volume}
    equal("the secret", secrets, {endpoint["authorization"]["credentials"]["name"]})
    make_network()
    with tempfile.TemporaryDirectory() as work:
        check_watch([document for document in documents if document["kind"] not in ("DaemonSet", "ConfigMap")] + fleet, image, pathlib.Path(work))
    return held.status("Tests/deploy")


sys.exit(main())
