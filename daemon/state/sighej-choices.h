/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/**
 * SighejChoice:
 * @SIGHEJ_CHOICE_BACKEND_URI: a URI, "" for none
 * @SIGHEJ_CHOICE_ADAPTER: a BlueZ path, or "auto"
 * @SIGHEJ_CHOICE_LANGUAGE: "en" or "da"
 * @SIGHEJ_CHOICE_QUIET_HOURS: ranges with ";" between them, "" for none
 * @SIGHEJ_CHOICE_NOTICE_ACCEPTED: "true" or "false"
 * @SIGHEJ_CHOICE_PAUSE_ON_LOCK: "true" or "false"
 * @SIGHEJ_CHOICE_NOTIFY_NEARBY: "true" or "false"
 */
typedef enum
{
  SIGHEJ_CHOICE_BACKEND_URI,
  SIGHEJ_CHOICE_ADAPTER,
  SIGHEJ_CHOICE_LANGUAGE,
  SIGHEJ_CHOICE_QUIET_HOURS,
  SIGHEJ_CHOICE_NOTICE_ACCEPTED,
  SIGHEJ_CHOICE_PAUSE_ON_LOCK,
  SIGHEJ_CHOICE_NOTIFY_NEARBY,
} SighejChoice;
#define SIGHEJ_N_CHOICES (SIGHEJ_CHOICE_NOTIFY_NEARBY + 1)

/**
 * SighejChoices:
 *
 * What the person chose while the daemon ran, kept for the next time, above every configuration
 * file: `interests` (one a line) and `choices` (a key file), both readable by nobody else. Each
 * change is on disk, whole, before it counts. A file that cannot be understood is put aside as
 * `….bad` with a warning, never lost, and counts as absent.
 */
#define SIGHEJ_TYPE_CHOICES (sighej_choices_get_type ())
G_DECLARE_FINAL_TYPE (SighejChoices, sighej_choices, SIGHEJ, CHOICES, GObject)

/* $STATE_DIRECTORY (its first folder), else $XDG_STATE_HOME/sighej. (transfer full) */
char *sighej_choices_dup_folder (void);

/* @folder: made (0700) when something is first kept. Reads what is there. */
SighejChoices *sighej_choices_new (const char *folder);

/* (nullable): NULL: never chosen. The text is as it was set: the reader checks it. */
const char *sighej_choices_get (SighejChoices *self, SighejChoice choice);

/* Keeps @value. Errors: SIGHEJ_ERROR_FAILED (the disk), and nothing has changed. */
gboolean
sighej_choices_set (SighejChoices *self, SighejChoice choice, const char *value, GError **error);

/* As given to sighej_choices_set_interests(); possibly none, never NULL. */
const char *const *sighej_choices_get_interests (SighejChoices *self);

/**
 * sighej_choices_set_interests:
 * @interests: as the person wrote them; those that are equal when normalised are merged
 *
 * Errors: SIGHEJ_ERROR_INVALID_INTEREST, SIGHEJ_ERROR_FAILED (the disk); nothing has changed then.
 */
gboolean
sighej_choices_set_interests (SighejChoices *self, const char *const *interests, GError **error);

/**
 * sighej_choices_forget:
 *
 * As if nothing was ever chosen: deletes both files. Errors: SIGHEJ_ERROR_FAILED (the disk); it is
 * forgotten while the program runs all the same.
 */
gboolean sighej_choices_forget (SighejChoices *self, GError **error);

G_END_DECLS
