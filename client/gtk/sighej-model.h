/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-client.h"
#include "sighej-screen.h"

G_BEGIN_DECLS

/**
 * SighejModel:
 *
 * The only thing the widgets talk to. It follows the daemon through a SighejClient, settles what is
 * true into one SighejScreenFacts, and computes from it which screen is shown and which notice
 * beside it. Nothing is told more than once a frame, however often the daemon changes its mind.
 *
 * Life of a start: the bus is asked what it can start and the daemon, if there, is read; a daemon
 * that is not there but can be started is started once, so that its settings are known (it leaves
 * by itself when it is not needed, and counts as off from then on, with the settings it had).
 * Until then the screen is STARTING; without a bus it is NO_BUS at once.
 *
 *   STARTING ──(no bus, or it went)──────────────────> NO_BUS
 *      │──(read)──> WELCOME, OFF, … by the facts <──(daemon back)──┐
 *      └──(nobody there, nobody to start)──> NO_DAEMON ──(Start)───┘
 *
 * Everything here is asynchronous and answers by what changes; what fails is told by "error".
 * Each call has 30 s.
 *
 * Signals:
 *  "screen-changed" (): the screen differs from the one before; comes before the "changed" of the
 *    same facts
 *  "changed" (): facts, a nudge or a meet changed; at most once a frame
 *  "error" (char *sentence, char *next_step): something asked for failed; a sentence for people
 *    and, when known, what to do; each without a full stop where one does not belong to it
 */
#define SIGHEJ_TYPE_MODEL (sighej_model_get_type ())
G_DECLARE_FINAL_TYPE (SighejModel, sighej_model, SIGHEJ, MODEL, GObject)

/* How long a call to the daemon may take, milliseconds. */
#define SIGHEJ_MODEL_CALL_TIMEOUT_MS 30000

/**
 * SighejModelAfter:
 * @id: number of the meet
 * @cue: what they looked for, "Blue Heron"
 * @state: how it went: met, ended or expired
 * @problem: why it was ended, if that was not anybody's wish; else NONE
 *
 * A meet that is over.
 */
typedef struct
{
  guint id;
  char *cue;
  SighejMeetState state;
  SighejMeetProblem problem;
} SighejModelAfter;

/**
 * sighej_model_new:
 * @connection: (nullable): to the session bus; NULL: there is none
 * @settings: (nullable): of org.sighej.SigHej; NULL: the schema is not installed
 *
 * References are taken. It begins to read the daemon at once.
 */
SighejModel *sighej_model_new (GDBusConnection *connection, GSettings *settings);

/* (transfer none) (nullable): NULL without a bus; another one after the bus was found again */
SighejClient *sighej_model_get_client (SighejModel *self);

/* (transfer none) (nullable): NULL until the daemon was read once */
SighejDBusManager1 *sighej_model_get_manager (SighejModel *self);

/* (transfer none) (nullable) */
GSettings *sighej_model_get_settings (SighejModel *self);

/* (transfer none): settled anew with each "changed"; "now" is that of the call */
const SighejScreenFacts *sighej_model_get_facts (SighejModel *self);

SighejScreen sighej_model_get_screen (SighejModel *self);
SighejNotice sighej_model_get_notice (SighejModel *self);

/* (transfer none): the interests as last read, never NULL; they outlive the daemon */
const char *const *sighej_model_get_interests (SighejModel *self);

/* (transfer none): the backend's URI as last read; "" when none is chosen */
const char *sighej_model_get_backend_uri (SighejModel *self);

/* The nudge the screen is about: the oldest that is new, else the oldest waved at; 0: none. */
guint sighej_model_get_nudge_id (SighejModel *self);

/* Shows that nudge from now on, as long as it lives. */
void sighej_model_show_nudge (SighejModel *self, guint id);

/* The meet the screen is about: the oldest that is not over; 0: none. */
guint sighej_model_get_meet_id (SighejModel *self);

/* (transfer none) (nullable): the meet that is over and not yet asked about; NULL: none */
const SighejModelAfter *sighej_model_get_after (SighejModel *self);

/* The question was answered, or need not be: the screen goes on. */
void sighej_model_leave_after (SighejModel *self);

/* Seconds the next opening lasts; 0: as the daemon is configured. Kept in the settings. */
guint sighej_model_get_duration_s (SighejModel *self);
void sighej_model_set_duration_s (SighejModel *self, guint duration_s);

/* When the daemon lets one try again after too many tries, Unix seconds; 0: not known, or past. */
guint64 sighej_model_get_retry_at (SighejModel *self);

/* Whether the screen is one of those of an opening: opening to closing, not off. */
gboolean sighej_model_is_on (SighejModel *self);

/*
 * Tells by "error" what a widget's own call to the daemon failed with. Nothing is said of a
 * cancelled one. @error is borrowed.
 */
void sighej_model_tell_error (SighejModel *self, const GError *error);

/* The session (org.sighej.Manager1). @duration_s 0: as the daemon is configured. */
void sighej_model_open (SighejModel *self, guint duration_s);
void sighej_model_close (SighejModel *self);
void sighej_model_pause (SighejModel *self, guint duration_s);
void sighej_model_resume (SighejModel *self);

/* Settings the daemon keeps. */
void sighej_model_accept_notice (SighejModel *self);
void sighej_model_set_backend (SighejModel *self, const char *uri);
void sighej_model_set_notify_nearby (SighejModel *self, gboolean notify);

/* Tries again now: the backend, the radio, the bus; whatever the screen or the notice is about. */
void sighej_model_retry (SighejModel *self);

/* Starts the daemon: by the bus, then as a unit of systemd's; says what to do when both fail. */
void sighej_model_start_daemon (SighejModel *self);

/* Forgets the Bluetooth trouble that a try to open ended with: back to the off screen. */
void sighej_model_forget_trouble (SighejModel *self);

/* Nudges. */
void sighej_model_wave (SighejModel *self, guint nudge);
void sighej_model_not_now (SighejModel *self, guint nudge);
void sighej_model_block_nudge (SighejModel *self, guint nudge);

/* Meets; avoid_meet() also of one that is over. */
void sighej_model_propose_spot (SighejModel *self, guint meet, const char *spot);
void sighej_model_im_here (SighejModel *self, guint meet);
void sighej_model_confirm_met (SighejModel *self, guint meet);
void sighej_model_end_meet (SighejModel *self, guint meet);
void sighej_model_block_meet (SighejModel *self, guint meet);
void sighej_model_avoid_meet (SighejModel *self, guint meet, gboolean avoid);
void sighej_model_share_position (SighejModel *self, guint meet, gboolean share);
void sighej_model_mark_read (SighejModel *self, guint meet, guint64 number);
void sighej_model_set_typing (SighejModel *self, guint meet, gboolean typing);

G_END_DECLS
