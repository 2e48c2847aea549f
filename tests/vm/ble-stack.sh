# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ble-stack.sh - sourced in the guest: brings up D-Bus, emulated controllers,
# bluetoothd and an HCI trace, and takes them down one by one.
#
#   . ./ble-stack.sh
#   ble_dbus                      system bus (unless one runs already)
#   ble_monitor FILE              btmon writes the HCI trace (btsnoop) to FILE
#   ble_radio 2 [options]         ble-controllers.py, for example --kind=extended
#   ble_tell ORDER                an order to it, e.g. ble_tell rssi 0 1 -80
#   ble_btvirt -l2                instead of ble_radio: any btvirt options
#   ble_daemon [bluetoothd opts]  waits for org.bluez and all adapters
#   ble_stop NAME [SIGNAL]        dbus|monitor|controllers|daemon
#
# Each leaves its pid in $PID_name, and its log in $BLE_LOGS.
# shellcheck disable=SC2034 # ble_stop reads PID_* by name

BLE_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BLE_LOGS=${BLE_LOGS:-${VM_OUT:-/tmp}}
BLUETOOTHD=${BLUETOOTHD:-/usr/libexec/bluetooth/bluetoothd}

ble_wait() { # SECONDS COMMAND...: polls until COMMAND succeeds
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "timed out: $*" >&2; return 1; }
    sleep 0.1
  done
}

ble_count() { find /sys/class/bluetooth -regex '.*/hci[0-9]+' 2>/dev/null | wc -l; }
ble_have() { [ "$(ble_count)" -ge "$1" ]; }
ble_adapters() { busctl --system tree --list org.bluez 2>/dev/null | grep -c '^/org/bluez/hci[0-9]*$'; }
ble_managed() { [ "$(ble_adapters)" -ge "$1" ]; }

ble_dbus() {
  [ -S /run/dbus/system_bus_socket ] || {
    mkdir -p /run/dbus
    PID_dbus=$(dbus-daemon --system --fork --nopidfile --print-pid)
  }
  ble_wait 10 busctl --system status
}

ble_monitor() { # FILE
  modprobe bluetooth
  btmon -w "$1" >"$BLE_LOGS/btmon.txt" 2>&1 & PID_monitor=$!
}

ble_radio() { # N [ble-controllers.py options]: N controllers with a settable radio
  local n=$1 have; shift
  modprobe hci_vhci
  have=$(ble_count)
  /usr/bin/python3 "$BLE_HERE/ble-controllers.py" -n "$n" "$@" >"$BLE_LOGS/radio.log" 2>&1 & PID_controllers=$!
  ble_wait 20 ble_have $((have + n))
}
ble_tell() { /usr/bin/python3 "$BLE_HERE/ble-controllers.py" --tell "$*"; }

ble_btvirt() { # btvirt options, with their number written as in -l2
  local have n=0 o
  # What btvirt pulls in through AF_ALG is loaded before, or it may be so late
  # to answer the kernel's HCI Reset that the controller is given up (2 s).
  modprobe -a hci_vhci af_alg algif_hash algif_skcipher cmac ecb aesni_intel 2>/dev/null
  for o in "$@"; do case $o in -l*) o=${o#-l}; n=$((n + ${o:-1}));; esac; done
  have=$(ble_count)
  btvirt "$@" >"$BLE_LOGS/btvirt.log" 2>&1 & PID_controllers=$!
  ble_wait 20 ble_have $((have + n))
}

ble_daemon() {
  "$BLUETOOTHD" -n "$@" >>"$BLE_LOGS/bluetoothd.log" 2>&1 & PID_daemon=$!
  ble_wait 20 busctl --system status org.bluez
  ble_wait 20 ble_managed "$(ble_count)"
}

ble_stop() { # NAME [SIGNAL]
  local v=PID_$1
  kill -"${2:-TERM}" "${!v}" && wait "${!v}" 2>/dev/null
  unset "$v"
}
