#!/usr/bin/env bash
# kubernetes-validate 1.37.0 (PyPI) takes words for a Service that no API server takes, also with --strict.
#
# Guess: the schemas list the words of externalTrafficPolicy, type and protocol, so `local` is refused.
# Seen:  `externalTrafficPolicy: local`, `type: Loadbalancer`, `protocol: tcp` and port 99999 are valid. Unknown fields
#        and numbers in quotes are refused, so the check does run.
# For us: a manifest that passed there may still hold words that mean nothing: dsrproof refuses the file and names the line.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$folder/packages" \
  kubernetes-validate==1.37.0 jsonschema==4.26.0 pyyaml==6.0.3 || { echo "cannot install it" >&2; exit 2; }
cd "$folder"
service() {
  printf 'apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  ports: [{port: %s, protocol: %s}]\n' "$1" "$2"
  printf '  type: %s\n  externalTrafficPolicy: %s\n%s' "$3" "$4" "${5-}"
}
valid() { PYTHONPATH=packages python3 -m kubernetes_validate --strict -k 1.34 "$1" >"$1.log" 2>&1; }
service 99999 tcp Loadbalancer local >wrong.yaml
service '"80"' TCP LoadBalancer Local >quoted.yaml
service 80 TCP LoadBalancer Local $'  trafficPolicy: Local\n' >unknown.yaml
for refused in quoted unknown; do
  if valid $refused.yaml; then echo "CHANGED: $refused.yaml is valid" >&2; exit 1; fi
  grep -q -i -e 'not of type' -e 'unexpected' $refused.yaml.log || { cat $refused.yaml.log >&2; exit 2; }
done
valid wrong.yaml || { cat wrong.yaml.log >&2; echo "CHANGED: wrong words are refused" >&2; exit 1; }
echo "kubernetes-validate 1.37.0 --strict: $(cat wrong.yaml.log)"
echo "PASS: words that the API server refuses are valid"
