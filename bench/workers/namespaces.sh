#!/bin/sh
# sudo sh bench/workers/namespaces.sh up|down [DELAY RATE]: two network namespaces, qprune0 and qprune1, with the addresses 10.77.0.1 and
# 10.77.0.2, joined by a cable with this delay there and back and this rate, as in: up 20ms 1gbit. Needs iproute2.
set -e
case "$1" in
  up)
    ip netns add qprune0
    ip netns add qprune1
    ip link add cable0 netns qprune0 type veth peer name cable1 netns qprune1
    for n in 0 1; do
      ip -n "qprune$n" addr add "10.77.0.$((n + 1))/24" dev "cable$n"
      ip -n "qprune$n" link set lo up
      ip -n "qprune$n" link set "cable$n" up
    done
    # Both the delay and the rate apply to what a namespace sends; a whole delay on one side is one there and back.
    if [ -n "$2" ]; then
      ip netns exec qprune0 tc qdisc add dev cable0 root netem delay "$2" rate "${3:-1gbit}" limit 100000
      ip netns exec qprune1 tc qdisc add dev cable1 root netem rate "${3:-1gbit}" limit 100000
    fi
    ;;
  down)
    ip netns del qprune0
    ip netns del qprune1
    ;;
  *)
    echo "expected up or down" >&2
    exit 2
    ;;
esac
