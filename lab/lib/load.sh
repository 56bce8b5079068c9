# Servers, clients, and what the clients got.

# serve HOST [tcp|udp://ADDRESS:PORT]...: a server there, HTTP on port 80 unless told otherwise.
serve() {
  local ready=/run/lab/$1.ready
  nsenter --net="/run/netns/$1" python3 -ISB "$LAB/lib/serve.py" "$1" "$ready" "${@:2}" </dev/null &
  wait_until "the server on $1" test -e "$ready"
}

# got WHO WHAT WANTED RESULT...: keeps what a client got beside what it had to; lab/run compares the two.
got() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${*:4}" >>"$OUT/load"; }

# get HOST COUNT WANTED [URL] [CURL OPTION...]: so many connections to the VIP, one after the other. WANTED says how
# often which HTTP status has to come, "200=6" or "200=4.. 000=..2"; 000 is curl's for no answer. An URL of several
# pages, "http://$VIP/{1,2}", gives one result for all of them, "200200".
get() {
  local host=$1 count=$2 wanted=$3 url=${4:-http://$VIP/} i
  shift "$(($# < 4 ? 3 : 4))"
  local results=()
  for ((i = 0; i < count; i++)); do
    results+=("$(on "$host" curl -s -m 4 -o /dev/null -w '%{http_code}' "$@" "$url" || true)")
  done
  got "$host" "GET $url" "$wanted" "${results[@]}"
}

# ask HOST COUNT WANTED [PORT]: so many datagrams to the VIP, each from a port of its own and, where no answer comes,
# twice. WANTED counts the words "answered" and "silent".
ask() {
  local results
  results=$(on "$1" python3 -ISB "$LAB/lib/ask.py" "$2" "$VIP" "${4:-53}")
  got "$1" "udp://$VIP:${4:-53}" "$3" "$results"
}

# health_check HOST BACKEND...: one request to each backend's own address, as balancers make all the time.
health_check() {
  local host=$1 backend
  shift
  for backend; do
    got "$host" "health check of $backend" 200=1 \
      "$(on "$host" curl -s -m 4 -o /dev/null -w '%{http_code}' "http://$(of "$backend" ip)/" || true)"
  done
}

# ping HOST ADDRESS [COUNT]: echo requests, one after the other; 3 unless told otherwise. Each has to be answered.
ping() {
  local count=${3-3}
  got "$1" "ping $2" "answered=$count" "$(on "$1" python3 -ISB "$LAB/lib/ping.py" "$2" "$count")"
}
