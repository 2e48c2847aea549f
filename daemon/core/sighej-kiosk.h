/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-core.h"

G_BEGIN_DECLS

/**
 * SighejKiosk:
 *
 * The daemon of a kiosk: nobody's. It is open from its start, without an end, needs no backend, and
 * sends a beacon that says KIOSK and not OPEN (BLE 2), so that it is nobody's sighting. It listens
 * as all do who are seen, and keeps nothing of what it hears. Close takes it off the air until
 * Open, or until it is started again.
 */
#define SIGHEJ_TYPE_KIOSK (sighej_kiosk_get_type ())
G_DECLARE_FINAL_TYPE (SighejKiosk, sighej_kiosk, SIGHEJ, KIOSK, SighejCore)

/* Starts the radio, and opens. */
SighejKiosk *sighej_kiosk_new (const SighejCoreParts *parts);

G_END_DECLS
