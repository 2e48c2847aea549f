/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-screen.h"

#include "sighej-error.h"

/* The page of what stands in the way; WAITING when the reason has none of its own. */
static SighejScreen
screen_of_reason (SighejReason reason)
{
  switch (reason)
    {
    case SIGHEJ_REASON_BLUETOOTH_OFF:
      return SIGHEJ_SCREEN_BLUETOOTH_OFF;
    case SIGHEJ_REASON_BLUETOOTH_MISSING:
    case SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED:
      return SIGHEJ_SCREEN_BLUETOOTH_MISSING;
    case SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT:
      return SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT;
    case SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD:
      return SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD;
    case SIGHEJ_REASON_BLUETOOTH_DENIED:
      return SIGHEJ_SCREEN_BLUETOOTH_DENIED;
    case SIGHEJ_REASON_BLUETOOTH_LOST:
    case SIGHEJ_REASON_RADIO_STALLED:
    case SIGHEJ_REASON_SCAN_CONFLICT:
    case SIGHEJ_REASON_PRIVACY_BLOCKED:
      return SIGHEJ_SCREEN_BLUETOOTH_LOST;
    case SIGHEJ_REASON_NONE:
    case SIGHEJ_REASON_USER:
    case SIGHEJ_REASON_EXPIRED:
    case SIGHEJ_REASON_LOCKED:
    case SIGHEJ_REASON_SUSPENDED:
    case SIGHEJ_REASON_INHIBITED:
    case SIGHEJ_REASON_QUIET_HOURS:
    case SIGHEJ_REASON_BACKEND_UNSET:
    case SIGHEJ_REASON_BACKEND_OFFLINE:
    case SIGHEJ_REASON_BACKEND_REFUSED:
    case SIGHEJ_REASON_RATE_LIMITED:
    case SIGHEJ_REASON_POLICY:
    default:
      return SIGHEJ_SCREEN_WAITING;
    }
}

static SighejReason
reason_of_bluetooth (SighejBluetooth bluetooth)
{
  switch (bluetooth)
    {
    case SIGHEJ_BLUETOOTH_OFF:
      return SIGHEJ_REASON_BLUETOOTH_OFF;
    case SIGHEJ_BLUETOOTH_MISSING:
      return SIGHEJ_REASON_BLUETOOTH_MISSING;
    case SIGHEJ_BLUETOOTH_BLOCKED_SOFT:
      return SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT;
    case SIGHEJ_BLUETOOTH_BLOCKED_HARD:
      return SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD;
    case SIGHEJ_BLUETOOTH_UNSUPPORTED:
      return SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED;
    case SIGHEJ_BLUETOOTH_DENIED:
      return SIGHEJ_REASON_BLUETOOTH_DENIED;
    case SIGHEJ_BLUETOOTH_READY:
    default:
      return SIGHEJ_REASON_NONE;
    }
}

SighejReason
sighej_screen_refusal (const GError *error, SighejBluetooth bluetooth)
{
  if (error == NULL || error->domain != SIGHEJ_ERROR)
    return SIGHEJ_REASON_NONE;

  switch (error->code)
    {
    case SIGHEJ_ERROR_BLUETOOTH_MISSING:
      return SIGHEJ_REASON_BLUETOOTH_MISSING;
    case SIGHEJ_ERROR_BLUETOOTH_OFF:
      return SIGHEJ_REASON_BLUETOOTH_OFF;
    case SIGHEJ_ERROR_BLUETOOTH_BLOCKED:
      return bluetooth == SIGHEJ_BLUETOOTH_BLOCKED_HARD ? SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD
                                                        : SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT;
    case SIGHEJ_ERROR_BLUETOOTH_UNSUPPORTED:
      return SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED;
    case SIGHEJ_ERROR_BLUETOOTH_DENIED:
      return SIGHEJ_REASON_BLUETOOTH_DENIED;
    case SIGHEJ_ERROR_OFFLINE:
      return SIGHEJ_REASON_BACKEND_OFFLINE;
    case SIGHEJ_ERROR_REFUSED:
      return SIGHEJ_REASON_BACKEND_REFUSED;
    case SIGHEJ_ERROR_RATE_LIMITED:
      return SIGHEJ_REASON_RATE_LIMITED;
    default:
      return SIGHEJ_REASON_NONE;
    }
}

/* Between two states the reason can be silent while Bluetooth already tells what is wrong. */
static gboolean
reason_is_silent (SighejReason reason)
{
  return reason == SIGHEJ_REASON_NONE || reason == SIGHEJ_REASON_USER;
}

SighejReason
sighej_screen_reason (const SighejScreenFacts *facts)
{
  if (facts->state == SIGHEJ_STATE_OFF && facts->refusal != SIGHEJ_REASON_NONE)
    return facts->refusal;
  if (facts->state == SIGHEJ_STATE_WAITING && reason_is_silent (facts->reason)
      && facts->bluetooth != SIGHEJ_BLUETOOTH_READY)
    return reason_of_bluetooth (facts->bluetooth);
  return facts->reason;
}

static gboolean
is_first_run (const SighejScreenFacts *facts)
{
  return !facts->notice_accepted || facts->n_interests == 0 || !facts->has_backend;
}

static SighejScreen
screen_of_off (const SighejScreenFacts *facts)
{
  SighejScreen refused = screen_of_reason (facts->refusal);

  if (facts->after)
    return SIGHEJ_SCREEN_AFTER;
  if (refused != SIGHEJ_SCREEN_WAITING)
    return refused;
  if (is_first_run (facts))
    return SIGHEJ_SCREEN_WELCOME;
  return facts->reason == SIGHEJ_REASON_EXPIRED ? SIGHEJ_SCREEN_EXPIRED : SIGHEJ_SCREEN_OFF;
}

static SighejScreen
screen_of_open (const SighejScreenFacts *facts)
{
  if (facts->has_nudge)
    return facts->nudge_waved ? SIGHEJ_SCREEN_WAVED : SIGHEJ_SCREEN_NUDGE;
  return facts->nearby > 0 ? SIGHEJ_SCREEN_OPEN_NEAR : SIGHEJ_SCREEN_OPEN_ALONE;
}

/* The page of a session that is there, without its meet. */
static SighejScreen
screen_of_session (const SighejScreenFacts *facts)
{
  if (facts->after)
    return SIGHEJ_SCREEN_AFTER;
  switch (facts->state)
    {
    case SIGHEJ_STATE_OPENING:
      return SIGHEJ_SCREEN_OPENING;
    case SIGHEJ_STATE_PAUSED:
      return SIGHEJ_SCREEN_PAUSED;
    case SIGHEJ_STATE_WAITING:
      return screen_of_reason (sighej_screen_reason (facts));
    case SIGHEJ_STATE_OPEN:
    case SIGHEJ_STATE_OFF:
    case SIGHEJ_STATE_CLOSING:
    default:
      return screen_of_open (facts);
    }
}

SighejScreen
sighej_screen_of (const SighejScreenFacts *facts)
{
  if (facts->bus_lost)
    return SIGHEJ_SCREEN_NO_BUS;
  if (!facts->connected)
    return SIGHEJ_SCREEN_STARTING;
  if (!facts->present)
    return facts->activatable ? SIGHEJ_SCREEN_OFF : SIGHEJ_SCREEN_NO_DAEMON;
  if (facts->state == SIGHEJ_STATE_OFF)
    return screen_of_off (facts);
  if (facts->state == SIGHEJ_STATE_CLOSING)
    return facts->reason == SIGHEJ_REASON_BLUETOOTH_LOST ? SIGHEJ_SCREEN_BLUETOOTH_LOST
                                                         : SIGHEJ_SCREEN_CLOSING;
  if (facts->has_meet)
    return SIGHEJ_SCREEN_MEET;
  return screen_of_session (facts);
}

/* Whether what goes on needs the backend and does not reach it. */
static gboolean
is_cut_off (const SighejScreenFacts *facts)
{
  if (facts->state == SIGHEJ_STATE_WAITING && facts->reason == SIGHEJ_REASON_BACKEND_OFFLINE)
    return TRUE;
  if (facts->state == SIGHEJ_STATE_OFF)
    return facts->refusal == SIGHEJ_REASON_BACKEND_OFFLINE;
  return (facts->state == SIGHEJ_STATE_OPEN
          || (facts->has_meet && facts->state != SIGHEJ_STATE_CLOSING))
         && facts->backend != SIGHEJ_BACKEND_STATE_ONLINE;
}

SighejNotice
sighej_notice_of (const SighejScreenFacts *facts)
{
  gboolean live = facts->state != SIGHEJ_STATE_OFF && facts->state != SIGHEJ_STATE_CLOSING;
  SighejReason reason = sighej_screen_reason (facts);

  if (facts->bus_lost || !facts->connected || !facts->present)
    return SIGHEJ_NOTICE_NONE;
  if (reason == SIGHEJ_REASON_BACKEND_REFUSED
      || (live && facts->backend == SIGHEJ_BACKEND_STATE_REFUSED))
    return SIGHEJ_NOTICE_REFUSED;
  if (reason == SIGHEJ_REASON_RATE_LIMITED)
    return SIGHEJ_NOTICE_RATE_LIMITED;
  if (is_cut_off (facts))
    return SIGHEJ_NOTICE_OFFLINE;
  if (facts->state == SIGHEJ_STATE_OPEN && facts->privacy == SIGHEJ_PRIVACY_LINKABLE)
    return SIGHEJ_NOTICE_LINKABLE;
  return SIGHEJ_NOTICE_NONE;
}

gboolean
sighej_screen_tip_due (const SighejScreenFacts *facts)
{
  return sighej_screen_of (facts) == SIGHEJ_SCREEN_OPEN_ALONE && facts->alone_since != 0
         && facts->now >= facts->alone_since + SIGHEJ_SCREEN_TIP_AFTER_SECONDS;
}
