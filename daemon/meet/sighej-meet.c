/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-meet.h"

#include "sighej-crypto.h"
#include "sighej-handle.h"

static void
message_free (gpointer data)
{
  SighejMeetMessage *message = data;

  sighej_wipe_free_string (message->text);
  g_free (message);
}

SighejMeet *
sighej_meet_new (guint64 number, guint64 nudge, const char *role, const char *language)
{
  SighejMeet *self = g_new0 (SighejMeet, 1);

  self->number = number;
  self->nudge = nudge;
  self->role = role;
  self->peer_handle = g_strdup ("");
  self->own_handle = g_strdup ("");
  self->cue = g_strdup ("");
  self->spot = g_strdup ("");
  self->phrase = g_strdup ("");
  self->spots = sighej_spots_get (language);
  self->spot_number = -1;
  self->peer_direction = self->peer_distance = "";
  self->own_direction = self->own_distance = "";
  self->messages = g_ptr_array_new_with_free_func (message_free);
  return self;
}

void
sighej_meet_free (SighejMeet *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->messages);
  sighej_wipe_free_string (self->peer_handle);
  sighej_wipe_free_string (self->own_handle);
  sighej_wipe_free_string (self->cue);
  sighej_wipe_free_string (self->spot);
  sighej_wipe_free_string (self->phrase);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

gboolean
sighej_meet_is_over (const SighejMeet *self)
{
  return self->state >= SIGHEJ_MEET_STATE_MET;
}

gboolean
sighej_meet_set_text (char **member, const char *text)
{
  if (g_strcmp0 (*member, text) == 0)
    return FALSE;

  sighej_wipe_free_string (*member);
  *member = g_strdup (text);
  return TRUE;
}

/* ---- what the backend says ---- */

static gboolean
show_handle (char **member, guint number, const char *language)
{
  g_autofree char *text = sighej_handle_to_text (number, language);

  return sighej_meet_set_text (member, text != NULL ? text : "");
}

static gboolean
show_words (SighejMeet *self, const char *language)
{
  const char *spot = sighej_spot_to_text (self->spot_number, language);
  gboolean changed = show_handle (&self->own_handle, self->handle_number, language);

  changed |= show_handle (&self->peer_handle, self->peer_handle_number, language);
  changed |= show_handle (&self->cue, self->cue_number, language);
  changed |= sighej_meet_set_text (&self->spot, spot != NULL ? spot : "");
  return changed;
}

static gboolean
show_flag (gboolean *member, gboolean value)
{
  gboolean changed = !*member != !value;

  *member = value;
  return changed;
}

static SighejMeetSharing
sharing_of (const SighejWireMeetState *state)
{
  if (!state->own_share)
    return SIGHEJ_MEET_SHARING_OFF;
  return state->sharing ? SIGHEJ_MEET_SHARING_ON : SIGHEJ_MEET_SHARING_ASKED;
}

/* The end of a meet never moves, but clocks differ by what a message takes. */
static gboolean
show_end (SighejMeet *self, guint expires_in_ms, gint64 wall_us)
{
  guint64 expires_s = (guint64) ((wall_us + (gint64) expires_in_ms * 1000) / G_USEC_PER_SEC);

  if (self->expires_s + 1 >= expires_s && expires_s + 1 >= self->expires_s)
    return FALSE;
  self->expires_s = expires_s;
  return TRUE;
}

gboolean
sighej_meet_show (SighejMeet *self,
                  const SighejWireMeetState *state,
                  const char *language,
                  gint64 wall_us)
{
  gboolean changed = FALSE;

  if (sighej_meet_is_over (self))
    return FALSE;
  if (state->state >= SIGHEJ_MEET_STATE_MET)
    return sighej_meet_end (self, state->state);

  changed |= self->state != state->state || self->sharing != sharing_of (state);
  self->state = state->state;
  self->sharing = sharing_of (state);
  self->handle_number = state->handle;
  self->peer_handle_number = state->peer_handle;
  self->cue_number = state->cue;
  self->spot_number = state->spot;
  changed |= show_words (self, language);
  changed |= show_flag (&self->own_here, state->own_here);
  changed |= show_flag (&self->peer_here, state->peer_here);
  changed |= show_flag (&self->confirmed, state->confirmed);
  changed |= show_flag (&self->peer_there, state->peer_there);
  changed |= show_end (self, state->expires_in_ms, wall_us);
  return changed;
}

gboolean
sighej_meet_end (SighejMeet *self, SighejMeetState state)
{
  if (sighej_meet_is_over (self))
    return FALSE;

  self->state = state;
  self->peer_typing = FALSE;
  self->peer_there = FALSE;
  self->sharing = SIGHEJ_MEET_SHARING_OFF;
  self->peer_direction = self->peer_distance = "";
  self->own_direction = self->own_distance = "";
  return TRUE;
}

void
sighej_meet_set_language (SighejMeet *self, const char *language)
{
  self->spots = sighej_spots_get (language);
  show_words (self, language);
}

/* ---- messages ---- */

static void
count_unread (SighejMeet *self)
{
  self->n_unread = 0;
  for (guint i = 0; i < self->messages->len; i++)
    {
      const SighejMeetMessage *message = g_ptr_array_index (self->messages, i);

      self->n_unread += !message->own && message->mark < SIGHEJ_MEET_MARK_SEEN ? 1 : 0;
    }
}

const SighejMeetMessage *
sighej_meet_add_message (
    SighejMeet *self, gboolean own, guint64 letter, const char *text, gint64 wall_us)
{
  SighejMeetMessage *message = g_new0 (SighejMeetMessage, 1);

  message->n = ++self->last_n;
  message->own = own;
  message->time_s = (guint64) (wall_us / G_USEC_PER_SEC);
  message->text = g_strdup (text);
  message->mark = own ? SIGHEJ_MEET_MARK_WAITING : SIGHEJ_MEET_MARK_DELIVERED;
  message->letter = letter;
  message->mark_is_news = own;
  if (self->messages->len == SIGHEJ_MEET_MESSAGES_MAX)
    g_ptr_array_remove_index (self->messages, 0);
  g_ptr_array_add (self->messages, message);
  count_unread (self);
  return message;
}

gboolean
sighej_meet_mark (SighejMeet *self, guint64 letter, SighejMeetMark mark)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < self->messages->len; i++)
    {
      SighejMeetMessage *message = g_ptr_array_index (self->messages, i);

      if (!message->own || message->letter > letter || message->mark >= mark)
        continue;
      message->mark = mark;
      message->mark_is_news = TRUE;
      changed = TRUE;
    }
  return changed;
}

guint64
sighej_meet_read (SighejMeet *self, guint64 n)
{
  guint64 letter = 0;

  for (guint i = 0; i < self->messages->len; i++)
    {
      SighejMeetMessage *message = g_ptr_array_index (self->messages, i);

      if (message->own || message->n > n || message->mark == SIGHEJ_MEET_MARK_SEEN)
        continue;
      message->mark = SIGHEJ_MEET_MARK_SEEN;
      letter = message->letter;
    }
  count_unread (self);
  return letter;
}
