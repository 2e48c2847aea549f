/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include <string.h>

#include "sighej-meets-private.h"

/* When the backend was too busy to resume one. */
#define RETRY_US ((gint64) G_USEC_PER_SEC)

typedef struct
{
  SighejMeets *meets;
  guint64 number;
} Asked;

static Asked *
asked_new (SighejMeets *self, const SighejEncounter *encounter)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->meets = g_object_ref (self);
  asked->number = encounter->number;
  return asked;
}

static void
asked_free (Asked *asked)
{
  g_object_unref (asked->meets);
  g_free (asked);
}

/* FALSE: @answered is not called. */
static gboolean
ask (SighejMeets *self,
     SighejEncounter *encounter,
     SighejWireMeet *message,
     SighejLinkMeetsAnswered answered)
{
  Asked *asked = asked_new (self, encounter);

  g_strlcpy (message->nudge_id, encounter->nudge_id, sizeof message->nudge_id);
  if (sighej_link_meets_ask (self->line, message, answered, asked, NULL))
    return TRUE;

  asked_free (asked);
  return FALSE;
}

/* For what the backend's next view shows anyway. */
static void
on_answered (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  if (error != NULL)
    g_debug ("not done by the backend: %s", error->message);
  asked_free (user_data);
}

gboolean
sighej_meets_tell (SighejMeets *self, SighejEncounter *encounter, SighejWireMeet *message)
{
  return ask (self, encounter, message, on_answered);
}

static gboolean
on_resume_retry (gpointer user_data)
{
  SighejEncounter *encounter = user_data;

  encounter->resume_wait = 0;
  sighej_meets_resume (encounter->meets, encounter);
  return G_SOURCE_REMOVE;
}

static void
say_anew (SighejMeets *self, SighejEncounter *encounter)
{
  SighejWireMeet unshare = { .act = SIGHEJ_MEET_SHARE, .on = FALSE };

  self->n_resumed++;
  if (encounter->how == SIGHEJ_ENCOUNTER_CREATOR && !encounter->revealed)
    sighej_meets_reveal (self, encounter);
  if (encounter->unshare_due && sighej_meets_tell (self, encounter, &unshare))
    encounter->unshare_due = FALSE;
  if (encounter->talk != NULL)
    sighej_meet_talk_flow (encounter->talk);
}

/* The backend has lost it, as it may lose all it knows: our yes still stands. */
static void
wave_anew (SighejMeets *self, SighejEncounter *encounter)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_WAVE, .ticket = encounter->ticket };

  message.has_public_key = TRUE;
  memcpy (
      message.public_key, sighej_keypair_get_public (encounter->own), sizeof message.public_key);
  sighej_meets_tell (self, encounter, &message);
}

static void
resume_failed (SighejMeets *self, SighejEncounter *encounter, const GError *error)
{
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE))
    return;
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED)
      || g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    encounter->resume_wait = sighej_clock_add (self->clock, RETRY_US, on_resume_retry, encounter);
  else if (encounter->meet != NULL)
    sighej_meets_end_meet (self, encounter, sighej_meets_judge_end (self, encounter), -1);
  else if (encounter->how == SIGHEJ_ENCOUNTER_NUDGED)
    wave_anew (self, encounter);
  else
    sighej_meets_forget (self, encounter);
}

static void
on_resumed (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  Asked *asked = user_data;
  SighejMeets *self = asked->meets;
  SighejEncounter *encounter = sighej_meets_find_number (self, asked->number);

  if (encounter != NULL && encounter->resume_wait == 0)
    {
      if (error != NULL)
        resume_failed (self, encounter, error);
      else
        say_anew (self, encounter);
    }
  asked_free (asked);
}

void
sighej_meets_resume (SighejMeets *self, SighejEncounter *encounter)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_RESUME, .ticket = encounter->ticket };

  sighej_clock_clear (self->clock, &encounter->resume_wait);
  if (encounter->talk != NULL)
    {
      sighej_meet_talk_stop (encounter->talk);
      message.number = sighej_meet_talk_get_taken (encounter->talk);
    }
  ask (self, encounter, &message, on_resumed);
}
