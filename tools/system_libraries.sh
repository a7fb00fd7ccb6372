#!/bin/sh
# System libraries that wheels load but do not bring. Installed where that is allowed (root, or
# sudo without a password, on Debian-like systems); otherwise the exact command is printed.
#   open3d: libusb-1.0.so.0 (depth cameras), libGL.so.1, libgomp.so.1
#   bpy: X11's client libraries, even where nothing is shown
#   python: the venv module, which Debian packages apart
set -eu
python=${1:-python3}
packages=""
have() { ldconfig -p 2>/dev/null | grep -q "$1"; }
have 'libusb-1\.0\.so\.0' || packages="$packages libusb-1.0-0"
have 'libGL\.so\.1' || packages="$packages libgl1"
have 'libgomp\.so\.1' || packages="$packages libgomp1"
have 'libX11\.so\.6' || packages="$packages libx11-6"
have 'libXext\.so\.6' || packages="$packages libxext6"
have 'libXrender\.so\.1' || packages="$packages libxrender1"
have 'libXfixes\.so\.3' || packages="$packages libxfixes3"
have 'libXi\.so\.6' || packages="$packages libxi6"
have 'libxkbcommon\.so\.0' || packages="$packages libxkbcommon0"
have 'libSM\.so\.6' || packages="$packages libsm6"
# The test of the dataset page drives a browser; without one it skips and says so.
if [ "${2:-}" = browser ]; then
    command -v chromium >/dev/null 2>&1 || packages="$packages chromium"
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
[ -n "$packages" ] || exit 0

become=""
[ "$(id -u)" -eq 0 ] || become="sudo -n"
if command -v apt-get >/dev/null 2>&1 && { [ -z "$become" ] || sudo -n true 2>/dev/null; }; then
    echo "installing system libraries:$packages"
    export DEBIAN_FRONTEND=noninteractive
    $become apt-get update -qq
    # shellcheck disable=SC2086  # the list is meant to split
    exec $become apt-get install -y -qq --no-install-recommends $packages
fi
echo "simgen needs these system libraries:$packages" >&2
echo "install them with: sudo apt-get install$packages" >&2
exit 1
