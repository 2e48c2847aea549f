/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-check-result.h"
#include "sighej-choices.h"
#include "sighej-config.h"

G_BEGIN_DECLS

/**
 * SighejPreferences:
 *
 * What holds of all that a person may choose while the daemon runs: the choice, else the
 * configuration. A choice that is no longer acceptable is a warning and does not count. Setting
 * checks, keeps on disk, and tells. A configuration that is read anew holds at once where nothing
 * was chosen; only another backend waits until nobody is open, since it would end the session.
 *
 * Signals:
 *  "changed" (), detailed: "interests", "backend-uri", "adapter", "language", "quiet-hours",
 *    "notice-accepted", "pause-on-lock", "notify-nearby": the getter of that name answers something
 * else
 */
#define SIGHEJ_TYPE_PREFERENCES (sighej_preferences_get_type ())
G_DECLARE_FINAL_TYPE (SighejPreferences, sighej_preferences, SIGHEJ, PREFERENCES, GObject)

SighejPreferences *sighej_preferences_new (SighejConfig *config, SighejChoices *choices);

/* Whether the person is open, or a session is not deleted yet; not so at first. */
void sighej_preferences_set_open (SighejPreferences *self, gboolean open);

/* Errors: SIGHEJ_ERROR_INVALID_INTEREST, SIGHEJ_ERROR_FAILED (the disk). */
gboolean sighej_preferences_set_interests (SighejPreferences *self,
                                           const char *const *interests,
                                           GError **error);

/* "" for none. Errors: SIGHEJ_ERROR_CONFIG (no such URI is allowed), SIGHEJ_ERROR_FAILED. */
gboolean
sighej_preferences_set_backend_uri (SighejPreferences *self, const char *uri, GError **error);

/* @path: a BlueZ path that exists, or "auto". Errors: SIGHEJ_ERROR_FAILED. */
gboolean sighej_preferences_set_adapter (SighejPreferences *self, const char *path, GError **error);

/* Errors: SIGHEJ_ERROR_NOT_SUPPORTED (neither "en" nor "da"), SIGHEJ_ERROR_FAILED. */
gboolean
sighej_preferences_set_language (SighejPreferences *self, const char *language, GError **error);

/* Errors: SIGHEJ_ERROR_CONFIG, SIGHEJ_ERROR_FAILED. */
gboolean sighej_preferences_set_quiet_hours (SighejPreferences *self,
                                             const char *const *ranges,
                                             GError **error);

/* Errors: SIGHEJ_ERROR_FAILED. */
gboolean
sighej_preferences_set_notice_accepted (SighejPreferences *self, gboolean accepted, GError **error);

/* Errors: SIGHEJ_ERROR_FAILED. */
gboolean
sighej_preferences_set_pause_on_lock (SighejPreferences *self, gboolean pause, GError **error);

/* Errors: SIGHEJ_ERROR_FAILED. */
gboolean
sighej_preferences_set_notify_nearby (SighejPreferences *self, gboolean notify, GError **error);

/**
 * sighej_preferences_forget:
 *
 * As if nothing was ever chosen: the configuration holds again. Errors: SIGHEJ_ERROR_FAILED (the
 * disk); it is forgotten while the program runs all the same.
 */
gboolean sighej_preferences_forget (SighejPreferences *self, GError **error);

/* Possibly none, never NULL. */
const char *const *sighej_preferences_get_interests (SighejPreferences *self);
/* "" for none. */
const char *sighej_preferences_get_backend_uri (SighejPreferences *self);
/* As sighej_radio_set_adapter() takes it. */
const char *sighej_preferences_get_adapter (SighejPreferences *self);
/* "en" or "da". */
const char *sighej_preferences_get_language (SighejPreferences *self);
/* Possibly none, never NULL; each can be parsed. */
const char *const *sighej_preferences_get_quiet_hours (SighejPreferences *self);
gboolean sighej_preferences_get_notice_accepted (SighejPreferences *self);
/* Whether to go silent while the screen is locked. */
gboolean sighej_preferences_get_pause_on_lock (SighejPreferences *self);
/* Whether the person is told how many people near are open; not until asked for. */
gboolean sighej_preferences_get_notify_nearby (SighejPreferences *self);

/* Appends to `doctor`: "presence.interests". */
void sighej_preferences_check (SighejPreferences *self, GPtrArray *results);

G_END_DECLS
