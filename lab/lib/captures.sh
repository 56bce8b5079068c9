# Captures: one a vantage.

declare -A captures=()

# capture VANTAGE HOST DEVICE: begins one. It is not there yet when this returns; `captures_run` waits.
capture() {
  # A snap length, for the buffer is cut into places of that size, and those of "any" would be few.
  # Not through `on`: the process to be ended is then tcpdump itself, not a shell before it.
  nsenter --net="/run/netns/$2" tcpdump -q -Z root -U --immediate-mode -s 2048 -B 8192 -i "$3" -w "$OUT/$1.pcap" >/run/lab/"$1".tcpdump 2>&1 </dev/null &
  captures[$1]=$!
}

# capture_everywhere: at every host that is there by now, on the mirror, at the switch's port to the balancer, and at
# one backend on all interfaces at once.
capture_everywhere() {
  local host
  for host in "${hosts[@]}"; do
    case $host in
      router)
        capture router-inside router eth1
        capture router-outside router eth2
        ;;
      *) capture "$host" "$host" eth1 ;;
    esac
  done
  capture switch switch br0
  capture switch-lb-port switch lb
  capture be1-any be1 any
  captures_run
}

# captures_run: waits until each capture has begun.
captures_run() {
  local vantage
  for vantage in "${!captures[@]}"; do
    wait_until "the capture at $vantage" grep -q '^tcpdump: listening on' "/run/lab/$vantage.tcpdump"
  done
}

# end_captures: the files are whole when this returns, and the kernel had room for every frame.
end_captures() {
  local vantage failed=0
  [[ ${#captures[@]} -gt 0 ]] || return 0
  # What was sent last is still on its way.
  sleep 0.3
  kill -TERM "${captures[@]}"
  for vantage in "${!captures[@]}"; do
    wait "${captures[$vantage]}" || true
    grep -q '^0 packets dropped by kernel' "/run/lab/$vantage.tcpdump" || {
      echo "the capture at $vantage did not end well:"
      cat "/run/lab/$vantage.tcpdump"
      failed=1
    }
  done
  return "$failed"
}

# wait_until WHAT COMMAND...: until the command succeeds, ten seconds at most.
wait_until() {
  local i
  for ((i = 0; i < 200; i++)); do
    if "${@:2}" 2>/dev/null; then return 0; fi
    sleep 0.05
  done
  echo "waited in vain for $1"
  return 1
}
