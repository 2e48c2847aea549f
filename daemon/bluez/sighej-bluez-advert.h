/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-interval.h"
#include "sighej-payload.h"

G_BEGIN_DECLS

#define SIGHEJ_TYPE_BLUEZ_ADVERT (sighej_bluez_advert_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezAdvert, sighej_bluez_advert, SIGHEJ, BLUEZ_ADVERT, GObject)

/**
 * SighejBluezAdvert:
 *
 * One payload as an exported org.bluez.LEAdvertisement1 object: one object, on a path of its own,
 * per registration, so that a late Release of an old one cannot be taken for the new one's. It
 * never changes (BLE 4: a property update would keep the address); it lives on the bus as long as
 * it lives.
 *
 * Signals:
 *  "released" (): BlueZ has dropped the advertisement by itself
 *  "renewed" (): BlueZ has asked the kernel for it, at first or again, and tells the power it got
 */

/**
 * sighej_bluez_advert_new:
 * @bus: the bus BlueZ is on
 * @payload: what is to be on the air
 * @interval: how often; BlueZ before 5.77 heeds it only with --experimental
 * @error: why it could not be exported
 *
 * Returns: (transfer full) (nullable): NULL with @error set
 */
SighejBluezAdvert *sighej_bluez_advert_new (GDBusConnection *bus,
                                            const SighejPayload *payload,
                                            SighejInterval interval,
                                            GError **error);

/* Its object path, (transfer none). */
const char *sighej_bluez_advert_get_path (SighejBluezAdvert *self);

/* What it puts on the air, (transfer none). */
const SighejPayload *sighej_bluez_advert_get_payload (SighejBluezAdvert *self);

/* The 13 bytes are the same. */
gboolean sighej_bluez_advert_holds (SighejBluezAdvert *self, const SighejPayload *payload);

G_END_DECLS
