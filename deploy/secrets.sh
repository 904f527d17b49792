#!/bin/sh
# Makes the secrets of docker-compose.yml, each in a file of its own under secrets/, and with them a
# certificate that stands in until there is a trusted one. What is there already stays as it is.
set -eu
cd "$(dirname "$0")/.."
umask 022

if [ ! -e .env ]; then
    echo "Copy .env.example to .env and fill it in, and run this again." >&2
    exit 1
fi

# Nobody but its owner may enter the folder. The files themselves have to be read by the users of the
# containers, whom this machine does not know.
mkdir -p secrets/tls
chmod 700 secrets

random() {
    openssl rand -hex 32
}

keep() {
    # The file takes its name when it is whole.
    if [ ! -e "secrets/$1" ]; then
        cat > "secrets/.$1.new"
        chmod 644 "secrets/.$1.new"
        mv "secrets/.$1.new" "secrets/$1"
        echo "made secrets/$1"
    fi
}

random | keep secret_key
random | keep journal_key
random | keep postgres_password
random | keep telegram_webhook_secret
random | keep metrics_token
echo "postgres://treasury_owner:$(random)@postgres:5432/treasury" | keep owner_database_url
echo "postgres://treasury:$(random)@postgres:5432/treasury" | keep database_url
echo "treasury:CL:$(random)" | keep proxy_users

# Only others know these; an empty one is none.
for name in telegram_bot_token telegram_webhook_url telegram_proxy_url storage_url \
    google_client_secret email_url sentry_dsn; do
    printf '' | keep "$name"
done

# Of MTProxy: its connections look like those to this site.
site=$(printf %s "${MTPROXY_SITE:-www.google.com}" | od -An -v -tx1 | tr -d ' \n')
printf 'secret = "ee%s%s"\nbind-to = "0.0.0.0:3128"\n' "$(openssl rand -hex 16)" "$site" | keep mtproxy

if [ ! -e secrets/tls/fullchain.pem ]; then
    address=$(sed -n 's|^PUBLIC_URL=https://\([^:/]*\).*|\1|p' .env)
    case $address in
        "")
            echo "Set PUBLIC_URL in .env, with https:// before the name, and run this again." >&2
            exit 1
            ;;
        *[!0-9.]*) kind=DNS ;;
        *) kind=IP ;;
    esac
    openssl req -x509 -newkey rsa:2048 -nodes -days 825 -subj "/CN=$address" \
        -addext "subjectAltName=$kind:$address" -addext extendedKeyUsage=serverAuth \
        -keyout secrets/tls/privkey.pem -out secrets/tls/fullchain.pem 2>/dev/null
    chmod 644 secrets/tls/*.pem
    echo "made secrets/tls: a certificate of one's own for $address"
fi
