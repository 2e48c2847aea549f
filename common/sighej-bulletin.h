/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"
#include "sighej-quiet.h"

G_BEGIN_DECLS

/* Buttons of one notification. */
#define SIGHEJ_BULLETIN_BUTTONS_MAX 2
/* Characters of a message that a notification shows. */
#define SIGHEJ_BULLETIN_MESSAGE_CHARS_MAX 200

/**
 * SighejBulletinButton:
 * @action: "wave", "not-now", "close" or "open"; a word that no person reads
 * @label: what the button says
 */
typedef struct
{
  const char *action;
  const char *label;
} SighejBulletinButton;

/**
 * SighejBulletin:
 * @id: "nudge-3", "meet-3", "message-3", "nearby", "expired", "open" or "failure"; one that comes
 *   with the id of another takes its place
 * @alert: what it is about
 * @number: of the nudge or meet; 0: of neither
 * @title: one line without a full stop
 * @body: a sentence or two; text, not markup
 * @hint: what to type where there are no buttons; "": nothing
 * @buttons: the first @n_buttons count
 * @is_message: @body is what another person wrote
 *
 * One notification as it is to be sent, in the language of the locale; a value. Pure.
 */
typedef struct
{
  char *id;
  SighejAlert alert;
  guint64 number;
  char *title;
  char *body;
  char *hint;
  SighejBulletinButton buttons[SIGHEJ_BULLETIN_BUTTONS_MAX];
  guint n_buttons;
  gboolean is_message;
} SighejBulletin;

void sighej_bulletin_free (SighejBulletin *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejBulletin, sighej_bulletin_free)

SighejBulletin *sighej_bulletin_copy (const SighejBulletin *self);

/* It stays, comes without a sound, and is the least important of all. */
gboolean sighej_bulletin_is_lasting (const SighejBulletin *self);
/* It need not be noticed at once. */
gboolean sighej_bulletin_is_low (const SighejBulletin *self);

/* "nudge-3" (transfer full) */
char *sighej_bulletin_dup_id (SighejAlert alert, guint64 number);

/* All that follow are (transfer full); @is_plain: for eyes that are not the person's. */

/* @shared: what both like; identifiers of the vocabulary become words of the locale's language */
SighejBulletin *
sighej_bulletin_new_nudge (guint64 number, const char *const *shared, gboolean is_plain);
/* @cue: what both screens show, "Blue Heron" */
SighejBulletin *sighej_bulletin_new_meet (guint64 number, const char *cue, gboolean is_plain);
/* @from: what the other is called here */
SighejBulletin *
sighej_bulletin_new_message (guint64 number, const char *from, const char *text, gboolean is_plain);
SighejBulletin *sighej_bulletin_new_nearby (guint n_near);
SighejBulletin *sighej_bulletin_new_expired (void);
/* @state: neither off nor closing; @open_until_s, @paused_until_s: Unix seconds, 0: none */
SighejBulletin *sighej_bulletin_new_open (SighejState state,
                                          SighejReason reason,
                                          guint64 open_until_s,
                                          guint64 paused_until_s);
/* @sentence: what came of a button that was pressed */
SighejBulletin *sighej_bulletin_new_failure (const char *sentence);

G_END_DECLS
