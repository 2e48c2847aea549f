/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-bluez-adapters.h"
#include "sighej-bluez-mgmt.h"
#include "sighej-clock.h"
#include "sighej-enums.h"

G_BEGIN_DECLS

/**
 * SighejBluezExposure:
 * @settings_known: whether the management socket told @settings
 * @settings: bits of the kernel's current settings, SIGHEJ_BLUEZ_SETTING_*
 * @discoverable: what D-Bus says
 * @connectable: what D-Bus says, FALSE when it does not
 * @extended: the controller has extended advertising
 *
 * All that decides which address an advertisement goes out with (BLE 4, first table).
 */
typedef struct
{
  gboolean settings_known;
  guint32 settings;
  gboolean discoverable;
  gboolean connectable;
  gboolean extended;
} SighejBluezExposure;

/*
 * What the air would give away. BLOCKED: an address that never changes, so nothing may be
 * advertised; it is the public one or, where a static address is set, that one, which is no
 * better. UNKNOWN: not exposed as far as D-Bus tells, which is not all there is.
 */
SighejPrivacy sighej_bluez_exposure_judge (const SighejBluezExposure *self);

/*
 * FALSE: the adapter is on without LE, so nothing can go out, or without BR/EDR: the kernel then
 * puts three bytes of Flags in front of our 31, for which there is no room; at best it refuses,
 * and kernel 6.1.176 overwrites its own stack and panics (seen). TRUE also when the settings are
 * not known.
 */
gboolean sighej_bluez_exposure_is_fit (const SighejBluezExposure *self);

#define SIGHEJ_TYPE_BLUEZ_GUARD (sighej_bluez_guard_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezGuard, sighej_bluez_guard, SIGHEJ, BLUEZ_GUARD, GObject)

/**
 * SighejBluezGuard:
 *
 * Watches whether the chosen adapter would let the world see its public address: over D-Bus,
 * and, where this system lets us, over a management socket that can only read. Any program may
 * make an adapter discoverable at any moment; the kernel then re-issues our running advertisement
 * from the public address at once, so whoever advertises must listen to "changed" and withdraw.
 *
 * Signals:
 *  "changed" (): ready, fitness, privacy or may-advertise is different
 */

/* @clock: for the time limit of the first answer. */
SighejBluezGuard *sighej_bluez_guard_new (SighejClock *clock);

/* The adapter to watch and what D-Bus says of it now; NULL: none. Call it at every change. */
void sighej_bluez_guard_set_adapter (SighejBluezGuard *self, const SighejBluezAdapter *adapter);

/*
 * FALSE: the kernel has not answered yet, wait for "changed" (at most 2 s: after that D-Bus alone
 * counts), or there is no adapter.
 */
gboolean sighej_bluez_guard_is_ready (SighejBluezGuard *self);

/* FALSE: an advertisement of ours must not be given to this adapter; see the exposure's. */
gboolean sighej_bluez_guard_is_fit (SighejBluezGuard *self);

/* Ready, fit, and no address that never changes would show. */
gboolean sighej_bluez_guard_may_advertise (SighejBluezGuard *self);

/* The adapter is discoverable, as far as anybody tells; whatever the privacy. */
gboolean sighej_bluez_guard_is_discoverable (SighejBluezGuard *self);

SighejPrivacy sighej_bluez_guard_get_privacy (SighejBluezGuard *self);

/* The management socket works. */
gboolean sighej_bluez_guard_sees_settings (SighejBluezGuard *self);

G_END_DECLS
