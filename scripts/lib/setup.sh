# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Sourced by scripts/demo, scripts/package and scripts/test: packages, configuring, building.
# Each step says what it does and how long it took; a step that has nothing to do says nothing.

SETUP_STARTED=$SECONDS
SETUP_INSTALL=yes

PACKAGES_BUILD=(gcc gettext libc6-dev meson ninja-build pkg-config libglib2.0-dev libglib2.0-dev-bin libsoup-3.0-dev
  python3-yaml libjson-glib-dev libsqlite3-dev libhiredis-dev libpq-dev libgnutls28-dev libsodium-dev libsystemd-dev libbluetooth-dev)
PACKAGES_GTK=(libgtk-4-dev libadwaita-1-dev libgtk-4-bin desktop-file-utils)
PACKAGES_RUN=(dbus-daemon glib-networking systemd python3 python3-gi)
PACKAGES_TEST=(git flatpak-builder python3-pytest python3-jsonschema python3-hypothesis clang libclang-rt-14-dev clang-format libglib2.0-bin libxml2-utils
  shellcheck procps iproute2 haproxy openssl libfaketime gjs nginx-light valgrind postgresql-15 redis-server redis-sentinel prometheus strace
  bash-completion fish groff-base zsh binutils docker-compose python3-kubernetes)
# To make Debian packages, and to try them: those need what the packages depend on.
PACKAGES_PACKAGE=(build-essential debhelper dpkg-dev)
PACKAGES_PACKAGE_TEST=(bluez dbus init-system-helpers lintian passwd polkitd)
# Of the slow suites alone.
PACKAGES_SLOW=(gnome-shell notification-daemon)
PACKAGES_GTK_TEST=(xvfb openbox xdotool xdg-dbus-proxy at-spi2-core gir1.2-atspi-2.0 gir1.2-gtk-4.0 librsvg2-common adwaita-icon-theme
  fonts-cantarell gsettings-desktop-schemas appstream)
PACKAGES_VM=(qemu-system-x86 busybox-static cpio kmod xz-utils bluez bluez-test-tools dbus iproute2
  libseccomp2 python3-pytest procps)
# Beside those of the virtual machine, for the one with systemd.
PACKAGES_SYSTEM=(curl dbus-user-session e2fsprogs libpam-systemd libnss-systemd login polkitd passwd postgresql-15 redis-server sudo util-linux)

say() { printf '[%3d s] %s\n' $((SECONDS - SETUP_STARTED)) "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
die_usage() { printf '%s: %s; see scripts/%s --help\n' "${0##*/}" "$*" "${0##*/}" >&2; exit 2; }

# show_progress: says how far ninja has come, each tenth of the way, and how many packages are set up.
show_progress() {
  local line tenths told=0 n_packages=0
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      tenths=$((10 * BASH_REMATCH[1] / BASH_REMATCH[2]))
      [ $tenths -le $told ] || say "  $((10 * tenths)) %"
      told=$tenths
    elif [[ $line = "Setting up "* ]]; then
      n_packages=$((n_packages + 1))
      [ $((n_packages % 25)) != 0 ] || say "  $n_packages packages"
    fi
  done
}

# run_shown LOG COMMAND...: runs it with its output in LOG and its progress told.
run_shown() {
  local log=$1
  shift
  "$@" 2>&1 </dev/null | tee "$log" | show_progress
  return "${PIPESTATUS[0]}"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need_packages PACKAGE...: installs those that are missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "this needs Debian's packages ${missing[*]}, and there is no apt-get here"
  [ "$SETUP_INSTALL" = yes ] ||
    die "these Debian packages are missing: ${missing[*]}; install them, or run without --no-install"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "these Debian packages are missing: ${missing[*]}; install them as root, there is no sudo here"
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  local log
  log=$(mktemp) || die "cannot make a temporary file"
  # Without Error-Mode an archive out of reach is but a warning.
  if ! as_root apt-get -qq -o APT::Update::Error-Mode=any update >"$log" 2>&1; then
    tail -n 3 "$log" >&2
    rm -f "$log"
    die "cannot reach the Debian archive; connect to the network, or install by hand: ${missing[*]}"
  fi
  if ! run_shown "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
    --no-install-recommends install "${missing[@]}"; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# has_options FOLDER [MESON-OPTION...]: whether it was configured with all of these.
has_options() {
  local folder=$1 option
  shift
  for option in "$@"; do
    option=${option#-D}
    grep -Fqx "${option%%=*} = ${option#*=}" "$folder/meson-private/cmd_line.txt" 2>/dev/null || return 1
  done
}

# build_tree FOLDER[:TARGET] [MESON-OPTION...]: configures once, and again when it was with other
# options, compiles what changed.
build_tree() {
  local folder=${1%%:*} target=() again=() log
  [ "$folder" = "$1" ] || target=("${1#*:}")
  shift
  log=$(mktemp) || die "cannot make a temporary file"
  [ ! -e "$folder/build.ninja" ] || again=(--reconfigure)
  if [ ${#again[@]} = 0 ] || ! has_options "$folder" "$@"; then
    say "configuring $folder"
    if ! meson setup "${again[@]}" "$folder" "$@" >"$log" 2>&1 </dev/null; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      die "meson could not configure $folder"
    fi
  fi
  if ! ninja -C "$folder" -n "${target[@]}" 2>/dev/null | grep -q 'no work to do'; then
    say "building $folder"
    if ! run_shown "$log" ninja -C "$folder" "${target[@]}"; then
      grep -v '^\[' "$log" | tail -n 40 >&2
      rm -f "$log"
      die "the build in $folder failed"
    fi
  fi
  rm -f "$log"
}
