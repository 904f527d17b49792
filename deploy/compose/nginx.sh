#!/bin/sh
# Puts this installation's name, certificate and web into deploy/nginx.conf, and starts nginx with it.
set -eu

case ${PUBLIC_URL:-} in
    https://?*) ;;
    *)
        echo "Set PUBLIC_URL in .env to the address of the product, with https:// before it." >&2
        exit 1
        ;;
esac
host=${PUBLIC_URL#https://}
host=${host%%[:/]*}
sed -e "s/treasury\.example\.com/$host/g" \
    -e "s|/etc/letsencrypt/live/$host/|/run/tls/|" \
    -e "s/127\.0\.0\.1:8000/web:8000/" \
    -e "s|/var/log/nginx/[a-z.]*|/dev/stdout|" \
    /deploy/nginx.conf > /tmp/treasury.conf
exec nginx -e stderr -g "daemon off;" -c /deploy/compose/nginx.conf
