#!/bin/sh
# Installs what the tests need from Debian's packages, where it is missing: a headless Chromium and one font, so that pictures show
# letters, node, which runs the tests of the page's JavaScript, and tsc, which checks its types.
missing=""
if [ -z "${CHROMIUM:-}" ]; then
    command -v chromium-headless-shell >/dev/null || missing="chromium-headless-shell"
    [ -d /usr/share/fonts/truetype/dejavu ] || missing="$missing fonts-dejavu-core"
fi
command -v node >/dev/null || missing="$missing nodejs"
command -v tsc >/dev/null || missing="$missing node-typescript"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else
    echo "The tests need packages that are not installed. As root: apt-get install $missing" >&2
    echo "A Chromium that is there already can be named: make test CHROMIUM=/path/to/chromium" >&2
    exit 1
fi
echo "Installing what the tests need:$(printf ' %s' $missing) ..."
# shellcheck disable=SC2086  # one package a word
$as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
