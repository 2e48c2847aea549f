/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-bluez-guard.h"
#include "sighej-bluez-scanner.h"
#include "sighej-interval.h"
#include "sighej-payload.h"

G_BEGIN_DECLS

/**
 * SighejBluezAdvertiserState:
 * @SIGHEJ_BLUEZ_ADVERTISER_IDLE: nothing is wanted, or there is no adapter; nothing is registered
 * @SIGHEJ_BLUEZ_ADVERTISER_CHECK: a payload is wanted; the guard's word is awaited
 * @SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN: our scan is being stopped for a legacy controller, which
 *   cannot change its address while it scans
 * @SIGHEJ_BLUEZ_ADVERTISER_REGISTERING: RegisterAdvertisement is under way
 * @SIGHEJ_BLUEZ_ADVERTISER_ON: registered, and what is wanted
 * @SIGHEJ_BLUEZ_ADVERTISER_ASLEEP: registered, and the adapter is off: the kernel cannot take it
 *   away now, and would advertise it again at power-on if BlueZ were told to forget it
 * @SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING: UnregisterAdvertisement is under way
 * @SIGHEJ_BLUEZ_ADVERTISER_BLOCKED: the public address would show; nothing is registered
 * @SIGHEJ_BLUEZ_ADVERTISER_RETRYING: a call failed, or BlueZ dropped us; a timer runs
 */
typedef enum
{
  SIGHEJ_BLUEZ_ADVERTISER_IDLE,
  SIGHEJ_BLUEZ_ADVERTISER_CHECK,
  SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN,
  SIGHEJ_BLUEZ_ADVERTISER_REGISTERING,
  SIGHEJ_BLUEZ_ADVERTISER_ON,
  SIGHEJ_BLUEZ_ADVERTISER_ASLEEP,
  SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING,
  SIGHEJ_BLUEZ_ADVERTISER_BLOCKED,
  SIGHEJ_BLUEZ_ADVERTISER_RETRYING,
} SighejBluezAdvertiserState;
#define SIGHEJ_BLUEZ_ADVERTISER_N_STATES (SIGHEJ_BLUEZ_ADVERTISER_RETRYING + 1)

/* The table of allowed moves, for the test that walks it. */
gboolean sighej_bluez_advertiser_may_move (SighejBluezAdvertiserState from,
                                           SighejBluezAdvertiserState to);

#define SIGHEJ_TYPE_BLUEZ_ADVERTISER (sighej_bluez_advertiser_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejBluezAdvertiser, sighej_bluez_advertiser, SIGHEJ, BLUEZ_ADVERTISER, GObject)

/**
 * SighejBluezAdvertiser:
 *
 * Keeps on the air what is wanted, and nothing else (BLE 5). Every change is Unregister, then
 * Register of a new object, so token and address change together. One request is in flight, ever
 * (apart from what was left asleep on another adapter and is taken off there when it wakes up);
 * what is asked for meanwhile is remembered as wanted and looked at when the answer is there. An
 * advertisement is never unregistered while its registration is pending.
 *
 *   IDLE --wanted--> CHECK --guard clear, extended--> REGISTERING --> ON
 *                    CHECK --guard clear, legacy--> PAUSING_SCAN --quiet--> REGISTERING
 *                    CHECK --something of ours may be registered--> UNREGISTERING
 *                    CHECK --guard trips--> BLOCKED --clear for 5 s--> CHECK
 *   REGISTERING --refused--> RETRYING --1, 2, 4, 8, 15, 15 … s--> CHECK
 *   REGISTERING --refused, powered on again before--> RETRYING --100 ms, once--> CHECK
 *     (every 0.5 s while a scan may be left of a bluetoothd that died)
 *   REGISTERING --answered--> ON, also when something else is wanted by then
 *   ON --other payload, other adapter, withdrawn, guard trips--> UNREGISTERING --> CHECK
 *     (on an adapter that is discoverable by now, when bluetoothd has renewed the advertisement)
 *   ON --powered off--> ASLEEP --powered on--> CHECK --> UNREGISTERING
 *   ON --Release--> RETRYING --1 s--> CHECK
 *   UNREGISTERING --refused, no answer--> RETRYING
 *   any --nothing wanted, nothing registered, or bluetoothd gone--> IDLE
 *
 * Signals:
 *  "changed" (): state, on-air or trouble is different
 */

/* @scanner: ours, held still while a legacy controller changes its address */
SighejBluezAdvertiser *sighej_bluez_advertiser_new (SighejClock *clock,
                                                    GDBusConnection *bus,
                                                    SighejBluezGuard *guard,
                                                    SighejBluezScanner *scanner);

/* The adapter to advertise with, powered or not; NULL: there is none that can. */
void sighej_bluez_advertiser_set_adapter (SighejBluezAdvertiser *self,
                                          const SighejBluezAdapter *adapter);

/*
 * Something about @adapters is different: takes off the air what was left asleep on an adapter
 * that is not the chosen one any more and has been switched on.
 */
void sighej_bluez_advertiser_wake_sleepers (SighejBluezAdvertiser *self,
                                            SighejBluezAdapters *adapters);

/* How often what is registered from now on is sent; 250 to 300 ms unless told. */
void sighej_bluez_advertiser_set_interval (SighejBluezAdvertiser *self, SighejInterval interval);

/* What should be on the air; NULL: nothing. */
void sighej_bluez_advertiser_set_payload (SighejBluezAdvertiser *self,
                                          const SighejPayload *payload);

/**
 * sighej_bluez_advertiser_forget:
 * @was_scanning: bluetoothd scanned for us. Then the kernel goes on scanning for up to 10.24 s,
 *   nobody can stop it, and a legacy controller refuses a new address as long: it is asked every
 *   half second instead of at 1, 2, 4, 8 s
 * @left: (out): what may still be on the air
 *
 * bluetoothd is gone, and with it all that was registered and asked for. The kernel goes on
 * advertising until bluetoothd starts again.
 *
 * Returns: whether something of ours may have been left on the air
 */
gboolean sighej_bluez_advertiser_forget (SighejBluezAdvertiser *self,
                                         gboolean was_scanning,
                                         SighejPayload *left);

/* TRUE: @payload (out) (optional) is on the air, or may be although it is no longer wanted. */
gboolean sighej_bluez_advertiser_get_on_air (SighejBluezAdvertiser *self, SighejPayload *payload);

/*
 * The guard has tripped, and the order to withdraw waits for a renewal by bluetoothd, at most
 * 100 ms. Nobody is told of the trip before it is given.
 */
gboolean sighej_bluez_advertiser_awaits_renewal (SighejBluezAdvertiser *self);

/* Nothing of ours is registered on an adapter that is on, and no request is under way. */
gboolean sighej_bluez_advertiser_is_quiet (SighejBluezAdvertiser *self);

/*
 * NONE, PRIVACY_BLOCKED, SCAN_CONFLICT (a legacy controller, and somebody else scans),
 * BLUETOOTH_DENIED, BLUETOOTH_OFF or RADIO_STALLED (refused for another cause)
 */
SighejReason sighej_bluez_advertiser_get_trouble (SighejBluezAdvertiser *self);

/* Refused because other programs have used up the adapter's advertisements. */
gboolean sighej_bluez_advertiser_is_crowded_out (SighejBluezAdvertiser *self);

/* Adds "radio.registered", "radio.register-failed", "radio.released", "radio.blocked". */
void sighej_bluez_advertiser_count (SighejBluezAdvertiser *self, GVariantBuilder *counters);

G_END_DECLS
