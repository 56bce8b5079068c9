# dsrproof itself, live on a host.

declare -A lives=()

# live VANTAGE HOST DEVICE ARGUMENT...: `dsrproof verify -i` there; its report is what `expect VANTAGE` is held to. It
# captures when this returns, and ends by its arguments; what does not is told to after 40 seconds.
live() {
  local vantage=$1 host=$2
  (
    status=0
    on "$host" timeout -s INT 40 "$DSRPROOF" verify -i "$3" --format json --verbose "${@:4}" -o "$OUT/$vantage.report" \
      2>"/run/lab/$vantage.live" </dev/null || status=$?
    echo "$status" >"$OUT/$vantage.exit"
  ) &
  lives[$vantage]=$!
  wait_until "dsrproof at $vantage" grep -q 'listening on' "/run/lab/$vantage.live"
}

# warns VANTAGE INTERFACE|nothing: before its first frame it told that the host reaches the VIP by that interface, which is
# not captured; or it told nothing of the kind.
warns() {
  local interface
  interface=$(sed -n 's/.*warning: this host reaches .* by \([^ ]*\), which is not captured.*/\1/p' "/run/lab/$1.live")
  got "$1" "a warning that the VIP is reached by" "$2=1" "${interface:-nothing}"
}

# end_lives: each has given its report.
end_lives() {
  local vantage
  for vantage in "${!lives[@]}"; do
    wait "${lives[$vantage]}"
    sed "s/^/$vantage: /" "/run/lab/$vantage.live"
  done
}
