/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighejctl-context.h"

G_BEGIN_DECLS

/*
 * The nudge or meet an argument names. A meet has the number of its nudge, so one number means
 * one person.
 */

/* @argument as a number of 1 and up. Errors: SIGHEJCTL_ERROR_USAGE. */
gboolean sighejctl_parse_number (const char *argument, guint *id, GError **error);

/* Returns: (transfer full) (nullable): Errors: SIGHEJCTL_ERROR_USAGE, SIGHEJ_ERROR_NOT_FOUND. */
SighejDBusNudge1 *
sighejctl_pick_nudge (Sighejctl *self, const char *argument, guint *id, GError **error);
SighejDBusMeet1 *
sighejctl_pick_meet (Sighejctl *self, const char *argument, guint *id, GError **error);

/* SIGHEJ_ERROR_NOT_FOUND for what an argument named. Always -1. */
int sighejctl_no_such_nudge (guint id, GError **error);
int sighejctl_no_such_meet (guint id, GError **error);
int sighejctl_nobody_of_number (guint id, GError **error); /* neither */

/* Whether a call failed because the object left the bus after it was read. */
gboolean sighejctl_is_object_gone (const GError *error);

/* The end of a command about a nudge or meet: a sentence, or the record of id and state. */
int sighejctl_tell_done (Sighejctl *self, guint id, const char *state, const char *sentence);

/* @text with @n_columns spaces after each line break: no line of it looks like one of ours.
 * (transfer full) */
char *sighejctl_dup_indented (const char *text, guint n_columns);

/* "9 min" until @end_s, "0 s" when that is over. (transfer full) */
char *sighejctl_dup_time_left (guint64 end_s);

/* ---- what meets look like; sighejctl-meets.c ---- */

/* The record of one meet. (transfer floating) */
GVariant *sighejctl_meet_record (guint id, SighejDBusMeet1 *meet);

/* "Look for “Blue Heron” at the window table." (transfer full) */
char *sighejctl_dup_look_for (SighejDBusMeet1 *meet);

/* What there is to say of it besides, a sentence each: who is there, whether the talk is safe,
 * where they are, what is wrong; of one that is over how it ended. (transfer full) */
char **sighejctl_dup_meet_sentences (SighejDBusMeet1 *meet);

/* (nullable): what its problem means. */
const char *sighejctl_meet_explain_problem (SighejDBusMeet1 *meet);

/* The word of its state; never NULL, "ended" for one that is gone. */
const char *sighejctl_meet_get_state (SighejDBusMeet1 *meet);

/* `meets` without an argument. Returns: exit status, or -1 with @error set. */
int sighejctl_list_meets (Sighejctl *self, GError **error);

G_END_DECLS
