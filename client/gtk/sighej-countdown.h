/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * SighejCountdown:
 *
 * How long something lasts yet, in words: "9 min left". It wakes up once a minute, in the last one
 * each second, and only while it is on the screen. Empty when the time is over.
 */
#define SIGHEJ_TYPE_COUNTDOWN (sighej_countdown_get_type ())
G_DECLARE_FINAL_TYPE (SighejCountdown, sighej_countdown, SIGHEJ, COUNTDOWN, AdwBin)

/* @expires_s: seconds since 1970 */
void sighej_countdown_set_end (SighejCountdown *self, guint64 expires_s);

G_END_DECLS
