/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"

G_BEGIN_DECLS

/*
 * Which of the screens of INTERFACES 6 is shown. It is computed from what is known and kept
 * nowhere, so that no order of property changes can leave a window on the wrong page:
 *
 *   no bus read yet  STARTING ; bus lost  NO_BUS ; no daemon  OFF if one can be started, else
 * NO_DAEMON
 *
 *   off      -> AFTER | the trouble of the last try | WELCOME | EXPIRED | OFF
 *   opening  -> OPENING (a meet's page stays)
 *   open     -> MEET | AFTER | NUDGE | WAVED | OPEN_NEAR | OPEN_ALONE
 *   paused   -> MEET | AFTER | PAUSED
 *   waiting  -> MEET | AFTER | the page of the reason: BLUETOOTH_… or WAITING
 *   closing  -> CLOSING, or BLUETOOTH_LOST while bluetoothd has yet to take a token off the air
 *
 * The first that holds counts. A meet goes through the backend and outlives trouble with the radio;
 * a nudge does not.
 */

/* Alone for so long, a tip is shown (INTERFACES 6). */
#define SIGHEJ_SCREEN_TIP_AFTER_SECONDS (10 * 60)

/**
 * SighejScreen:
 * @SIGHEJ_SCREEN_STARTING: the bus was not read yet
 * @SIGHEJ_SCREEN_NO_BUS: there is no bus, or it is gone
 * @SIGHEJ_SCREEN_NO_DAEMON: no daemon, and the bus cannot start one
 * @SIGHEJ_SCREEN_WELCOME: first run: the notice was not accepted, or no interest or backend chosen
 * @SIGHEJ_SCREEN_OFF: not open
 * @SIGHEJ_SCREEN_OPENING: asked to open
 * @SIGHEJ_SCREEN_OPEN_ALONE: open, nobody near
 * @SIGHEJ_SCREEN_OPEN_NEAR: open, somebody near is, too
 * @SIGHEJ_SCREEN_NUDGE: a nudge waits for an answer
 * @SIGHEJ_SCREEN_WAVED: every nudge there is was waved at
 * @SIGHEJ_SCREEN_MEET: a meet
 * @SIGHEJ_SCREEN_AFTER: a meet is over: did you meet?
 * @SIGHEJ_SCREEN_PAUSED: paused, by whomever
 * @SIGHEJ_SCREEN_BLUETOOTH_OFF: powered off
 * @SIGHEJ_SCREEN_BLUETOOTH_MISSING: none, or one that cannot do it
 * @SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT: flight mode
 * @SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD: a switch or key
 * @SIGHEJ_SCREEN_BLUETOOTH_DENIED: the bus does not let us
 * @SIGHEJ_SCREEN_BLUETOOTH_LOST: there and not working: the reason says what
 *   (bluetooth-lost, radio-stalled, scan-conflict, privacy-blocked)
 * @SIGHEJ_SCREEN_WAITING: something else stands in the way: the reason says what
 * @SIGHEJ_SCREEN_CLOSING: asked to close
 * @SIGHEJ_SCREEN_EXPIRED: off since the time was up
 *
 * The nick ("open-alone") names the page.
 */
typedef enum
{
  SIGHEJ_SCREEN_STARTING,
  SIGHEJ_SCREEN_NO_BUS,
  SIGHEJ_SCREEN_NO_DAEMON,
  SIGHEJ_SCREEN_WELCOME,
  SIGHEJ_SCREEN_OFF,
  SIGHEJ_SCREEN_OPENING,
  SIGHEJ_SCREEN_OPEN_ALONE,
  SIGHEJ_SCREEN_OPEN_NEAR,
  SIGHEJ_SCREEN_NUDGE,
  SIGHEJ_SCREEN_WAVED,
  SIGHEJ_SCREEN_MEET,
  SIGHEJ_SCREEN_AFTER,
  SIGHEJ_SCREEN_PAUSED,
  SIGHEJ_SCREEN_BLUETOOTH_OFF,
  SIGHEJ_SCREEN_BLUETOOTH_MISSING,
  SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT,
  SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD,
  SIGHEJ_SCREEN_BLUETOOTH_DENIED,
  SIGHEJ_SCREEN_BLUETOOTH_LOST,
  SIGHEJ_SCREEN_WAITING,
  SIGHEJ_SCREEN_CLOSING,
  SIGHEJ_SCREEN_EXPIRED,
} SighejScreen;

/**
 * SighejNotice:
 * @SIGHEJ_NOTICE_NONE: no info bar
 * @SIGHEJ_NOTICE_OFFLINE: the backend is not reachable; it is tried again
 * @SIGHEJ_NOTICE_REFUSED: the backend said no
 * @SIGHEJ_NOTICE_RATE_LIMITED: too many tries
 * @SIGHEJ_NOTICE_LINKABLE: on air with an address that may outlive a token
 *
 * The info bar beside any screen.
 */
typedef enum
{
  SIGHEJ_NOTICE_NONE,
  SIGHEJ_NOTICE_OFFLINE,
  SIGHEJ_NOTICE_REFUSED,
  SIGHEJ_NOTICE_RATE_LIMITED,
  SIGHEJ_NOTICE_LINKABLE,
} SighejNotice;

/**
 * SighejScreenFacts:
 * @connected: there is a bus, and it was read
 * @bus_lost: there is none, or it is gone
 * @present: a daemon owns the name
 * @activatable: the bus could start one
 * @refusal: why the last Open failed (sighej_screen_refusal()), until the state or Bluetooth
 *   changes or it is tried again; NONE
 * @notice_accepted: the person said yes to the notice
 * @nearby: open tokens heard
 * @open_since: Unix seconds; 0: none. So are @open_until and @paused_until
 * @has_nudge: there is one; one that was put away or is over does not count
 * @nudge_waved: every one there is was waved at
 * @has_meet: there is one that is not over
 * @after: a meet is over, and whether they met not answered. The model forgets it when the person
 *   closes: who closes at once wants no question
 * @alone_since: Unix seconds since which nobody is near; 0: somebody is, or not open
 * @now: Unix seconds
 *
 * What is known; from the properties of the daemon where there is one.
 */
typedef struct
{
  gboolean connected;
  gboolean bus_lost;
  gboolean present;
  gboolean activatable;

  SighejState state;
  SighejReason reason;
  SighejReason refusal;
  SighejBluetooth bluetooth;
  SighejBackendState backend;
  SighejPrivacy privacy;

  gboolean notice_accepted;
  guint n_interests;
  gboolean has_backend;

  guint nearby;
  guint64 open_since;
  guint64 open_until;
  guint64 paused_until;

  gboolean has_nudge;
  gboolean nudge_waved;
  gboolean has_meet;
  gboolean after;

  guint64 alone_since;
  guint64 now;
} SighejScreenFacts;

SighejScreen sighej_screen_of (const SighejScreenFacts *facts);
SighejNotice sighej_notice_of (const SighejScreenFacts *facts);

/**
 * sighej_screen_refusal:
 * @error: what Open failed with
 * @bluetooth: the daemon's word, which tells a switch from flight mode
 *
 * Returns: what stands in the way, for SighejScreenFacts.refusal; NONE when the error tells
 *   nothing that has a page or a notice
 */
SighejReason sighej_screen_refusal (const GError *error, SighejBluetooth bluetooth);

/* Why the page of @facts is shown: what waits, what Open was refused for, what Bluetooth says. */
SighejReason sighej_screen_reason (const SighejScreenFacts *facts);

/* Whether somebody who is open has been alone for SIGHEJ_SCREEN_TIP_AFTER_SECONDS. */
gboolean sighej_screen_tip_due (const SighejScreenFacts *facts);

G_END_DECLS
