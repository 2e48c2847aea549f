/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-bluez-adapters.h"
#include "sighej-clock.h"
#include "sighej-enums.h"

G_BEGIN_DECLS

/**
 * SighejBluezScannerState:
 * @SIGHEJ_BLUEZ_SCANNER_OFF: nothing of ours scans, no monitor is registered
 * @SIGHEJ_BLUEZ_SCANNER_FILTERING: SetDiscoveryFilter is under way
 * @SIGHEJ_BLUEZ_SCANNER_MONITORING: RegisterMonitor is under way, or its Activate awaited
 * @SIGHEJ_BLUEZ_SCANNER_STARTING: StartDiscovery is under way
 * @SIGHEJ_BLUEZ_SCANNER_ON: discovery runs
 * @SIGHEJ_BLUEZ_SCANNER_STOPPING: StopDiscovery is under way
 * @SIGHEJ_BLUEZ_SCANNER_UNMONITORING: UnregisterMonitor is under way
 * @SIGHEJ_BLUEZ_SCANNER_RETRYING: a call failed; a timer runs
 */
typedef enum
{
  SIGHEJ_BLUEZ_SCANNER_OFF,
  SIGHEJ_BLUEZ_SCANNER_FILTERING,
  SIGHEJ_BLUEZ_SCANNER_MONITORING,
  SIGHEJ_BLUEZ_SCANNER_STARTING,
  SIGHEJ_BLUEZ_SCANNER_ON,
  SIGHEJ_BLUEZ_SCANNER_STOPPING,
  SIGHEJ_BLUEZ_SCANNER_UNMONITORING,
  SIGHEJ_BLUEZ_SCANNER_RETRYING,
} SighejBluezScannerState;
#define SIGHEJ_BLUEZ_SCANNER_N_STATES (SIGHEJ_BLUEZ_SCANNER_RETRYING + 1)

/* The table of allowed moves, for the test that walks it. */
gboolean sighej_bluez_scanner_may_move (SighejBluezScannerState from, SighejBluezScannerState to);

/**
 * SighejBluezHold:
 * @SIGHEJ_BLUEZ_HOLD_NONE: scan as wanted
 * @SIGHEJ_BLUEZ_HOLD_NEW: do not begin; what runs goes on
 * @SIGHEJ_BLUEZ_HOLD_ALL: stop for a moment, discovery and monitor; "quiet" says when
 *
 * What the advertiser asks for while the adapter's address changes.
 */
typedef enum
{
  SIGHEJ_BLUEZ_HOLD_NONE,
  SIGHEJ_BLUEZ_HOLD_NEW,
  SIGHEJ_BLUEZ_HOLD_ALL,
} SighejBluezHold;

#define SIGHEJ_TYPE_BLUEZ_SCANNER (sighej_bluez_scanner_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezScanner, sighej_bluez_scanner, SIGHEJ, BLUEZ_SCANNER, GObject)

/**
 * SighejBluezScanner:
 *
 * Hears (BLE 6). Where BlueZ has monitors, one is active while we discover, and every packet
 * arrives. Where it has none, the controller reports each address once per scan of about 10 s;
 * then our discovery is restarted every 1.5 s, less often in a crowd, as long as a token was heard
 * within the last minute, which makes it report again. Not so where a token comes twice in one
 * scan: there nothing is filtered.
 *
 *   OFF --wanted--> FILTERING (once per adapter) --> MONITORING (where there are monitors)
 *     --> STARTING --> ON
 *   ON --restart--> STOPPING --> STARTING
 *   ON --not wanted, held--> STOPPING --> UNMONITORING --> OFF
 *   FILTERING, STARTING --refused--> RETRYING --1, 2, 4, 8, 15, 15 … s--> OFF
 *   STARTING --no answer--> STOPPING --> RETRYING
 *   ON --restart--> STOPPING --the adapter does not stop--> RETRYING
 *   ON --BlueZ says for 2 s that nobody discovers--> STOPPING --> RETRYING
 *   any --bluetoothd gone--> OFF
 *
 * With a monitor registered RETRYING, MONITORING and STOPPING end in UNMONITORING. It listens
 * (sighej-bluez-listener.h) only while a scan is wanted.
 *
 * The watchdog counts the time spent ON without a packet of any device whatever. After 90 s
 * discovery is restarted. After twice that it is silent: told, tried again every 90 s, and no
 * trouble. Silence alone is no fault of the radio: an empty room is silent too, and whoever
 * enters it should find us open. What does tell is the restart, a command to the controller
 * every 90 s: one that is stuck does not stop. Then it is tried again after 10 s, and the second
 * time it is trouble, until it stops when told to or anything is heard.
 *
 * Signals:
 *  "heard" (const guint8 *data, guint n_bytes, int rssi_dbm): as SighejRadio::heard
 *  "changed" (): scanning or trouble is different
 *  "quiet" (): it has become quiet
 */

SighejBluezScanner *sighej_bluez_scanner_new (SighejClock *clock, GDBusConnection *bus);

/**
 * sighej_bluez_scanner_set_adapter:
 * @adapter: (nullable): to scan with; NULL: none is usable
 * @owner: (nullable): the unique name of bluetoothd, whose signals are taken
 */
void sighej_bluez_scanner_set_adapter (SighejBluezScanner *self,
                                       const SighejBluezAdapter *adapter,
                                       const char *owner);

void sighej_bluez_scanner_set_wanted (SighejBluezScanner *self, gboolean wanted);

void sighej_bluez_scanner_set_hold (SighejBluezScanner *self, SighejBluezHold hold);

/* bluetoothd is gone, and with it discovery, monitor and filter. */
void sighej_bluez_scanner_forget (SighejBluezScanner *self);

/* Nothing of ours scans, no monitor is registered, no request is under way. */
gboolean sighej_bluez_scanner_is_quiet (SighejBluezScanner *self);

/* Listening as wanted; the short pauses of a restart or a hold are part of it. */
gboolean sighej_bluez_scanner_get_scanning (SighejBluezScanner *self);

/* NONE, RADIO_STALLED (discovery is refused, not answered or lost, twice) or BLUETOOTH_DENIED. */
SighejReason sighej_bluez_scanner_get_trouble (SighejBluezScanner *self);

/* Nothing at all was heard in the last 180 s of listening, of no device. */
gboolean sighej_bluez_scanner_get_silent (SighejBluezScanner *self);

/* Adds "radio.heard", "radio.dropped-rate", "radio.foreign", "radio.scan-restarts", … */
void sighej_bluez_scanner_count (SighejBluezScanner *self, GVariantBuilder *counters);

G_END_DECLS
