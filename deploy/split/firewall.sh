#!/usr/bin/env bash
# Sets ufw on one of the two machines; run by root. What is not named here is refused from outside.
set -euo pipefail

usage() {
    echo "usage: $0 vps | wireguard | ssh | port ADDRESS-OF-THE-VPS" >&2
    exit 2
}

case "${1:-} $#" in
"vps 1" | "wireguard 1" | "ssh 1" | "port 2") ;;
*) usage ;;
esac

ufw default deny incoming
ufw default allow outgoing
# A few tries each half a minute.
ufw limit 22/tcp

case "$1" in
vps)
    # 80 sends browsers on, and lets the certificate be renewed.
    ufw allow 80/tcp
    ufw allow 443/tcp
    ufw allow 51820/udp
    # The proxies are for who comes by the line.
    ufw allow in on treasury proto tcp from 10.66.0.2 to 10.66.0.1 port 1080,3128
    ;;
wireguard)
    ufw allow in on treasury proto tcp from 10.66.0.1 to 10.66.0.2 port 8000
    ;;
ssh)
    # The tunnel is built from here: nothing more has to come in.
    ;;
port)
    ufw allow proto tcp from "$2" to any port 8000
    ;;
esac

ufw --force enable
