/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"
#include "config.h"

#include "sighej-quiet.h"

#define NEARBY_TOLD_US ((gint64) SIGHEJ_NEARBY_TOLD_SECONDS * G_USEC_PER_SEC)

static SighejQuietVerdict
behind_lock (SighejAlert alert)
{
  switch (alert)
    {
    case SIGHEJ_ALERT_NEARBY:
      return SIGHEJ_QUIET_NONE;
    case SIGHEJ_ALERT_NUDGE:
    case SIGHEJ_ALERT_MEET:
    case SIGHEJ_ALERT_MESSAGE:
      return SIGHEJ_QUIET_PLAIN;
    case SIGHEJ_ALERT_EXPIRED:
    case SIGHEJ_ALERT_FAILURE:
    case SIGHEJ_ALERT_OPEN:
    default:
      return SIGHEJ_QUIET_FULL;
    }
}

SighejQuietVerdict
sighej_quiet_judge (SighejAlert alert, const SighejQuietFacts *facts)
{
  if (facts->told)
    return SIGHEJ_QUIET_NONE;
  if (alert == SIGHEJ_ALERT_OPEN)
    return SIGHEJ_QUIET_FULL;
  if (alert != SIGHEJ_ALERT_FAILURE && (facts->quiet_hours || facts->dnd))
    return SIGHEJ_QUIET_NONE;
  /* Nobody looks at a window behind a locked screen. */
  if (facts->watched && !facts->locked)
    return SIGHEJ_QUIET_NONE;

  return facts->locked ? behind_lock (alert) : SIGHEJ_QUIET_FULL;
}

gboolean
sighej_nearby_pace_step (
    SighejNearbyPace *pace, guint nearby, gboolean may, gint64 now_us, gint64 *again_us)
{
  *again_us = 0;
  if (nearby == 0)
    pace->told = 0;
  if (nearby <= pace->told || !may)
    return FALSE;

  if (pace->is_paced && now_us - pace->told_at_us < NEARBY_TOLD_US)
    {
      *again_us = pace->told_at_us + NEARBY_TOLD_US;
      return FALSE;
    }

  pace->told = nearby;
  pace->told_at_us = now_us;
  pace->is_paced = TRUE;
  return TRUE;
}
