#!/bin/sh
# Puts the browser of the tests in place: Debian's own headless Chromium, and one font so that pictures show letters.
[ -n "${CHROMIUM:-}" ] && exit 0
if command -v chromium-headless-shell >/dev/null && [ -d /usr/share/fonts/truetype/dejavu ]; then exit 0; fi
if [ "$(id -u)" = 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else
    echo "The browser tests need a Chromium. As root: apt-get install chromium-headless-shell fonts-dejavu-core," >&2
    echo "or name one that is there: make test CHROMIUM=/path/to/chromium" >&2
    exit 1
fi
$as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-dejavu-core >/dev/null
