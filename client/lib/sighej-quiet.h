/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejQuietFacts:
 * @quiet_hours: these are the person's quiet hours (sighej_quiet_in_hours())
 * @do_not_disturb: the desktop shows no banners
 * @locked: the screen is locked
 * @window_active: our window has the focus, so the card is seen
 * @shown: there has been a notification of this cause
 * @mute_when_present: the person wants none while @window_active
 *
 * What decides whether a person may be told something now.
 */
typedef struct
{
  gboolean quiet_hours;
  gboolean do_not_disturb;
  gboolean locked;
  gboolean window_active;
  gboolean shown;
  gboolean mute_when_present;
} SighejQuietFacts;

/**
 * SighejQuietBody:
 * @SIGHEJ_QUIET_BODY_NONE: no notification now
 * @SIGHEJ_QUIET_BODY_PLAIN: one without interests: others may see the screen
 * @SIGHEJ_QUIET_BODY_FULL: one that says what is shared
 */
typedef enum
{
  SIGHEJ_QUIET_BODY_NONE,
  SIGHEJ_QUIET_BODY_PLAIN,
  SIGHEJ_QUIET_BODY_FULL,
} SighejQuietBody;

/* Of a nudge. */
SighejQuietBody sighej_quiet_nudge (const SighejQuietFacts *facts);

/* Of a count ("2 people near are open") and of all else that can wait: never while locked. */
SighejQuietBody sighej_quiet_count (const SighejQuietFacts *facts);

/**
 * sighej_quiet_in_hours:
 * @hours: (nullable): "22:00-08:00" and so on, as Manager1.QuietHours; the end is outside
 * @now: local time
 *
 * Returns: whether @now is in one of them; a text that is no range counts as none
 */
gboolean sighej_quiet_in_hours (const char *const *hours, GDateTime *now);

G_END_DECLS
