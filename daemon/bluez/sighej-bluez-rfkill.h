/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"

G_BEGIN_DECLS

/**
 * sighej_bluez_rfkill_read:
 * @folder: "/sys/class/rfkill", or where else the kernel shows its switches
 * @adapter: (nullable): "hci0", or NULL when there is no adapter
 *
 * Looks at the switches of @adapter and at those of the machine's whole Bluetooth (which are not
 * named after an adapter); at most 64 entries. A folder that is not there has no switches.
 *
 * Returns: BLUETOOTH_BLOCKED_HARD, BLUETOOTH_BLOCKED_SOFT (hard wins) or NONE
 */
SighejReason sighej_bluez_rfkill_read (const char *folder, const char *adapter);

G_END_DECLS
