/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-memory-session"

#include "config.h"

#include "sighej-memory-session.h"

#include <string.h>

#define SECONDS_US(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

SighejMemorySession *
sighej_memory_session_ref (SighejMemorySession *self)
{
  self->n_refs++;
  return self;
}

void
sighej_memory_session_unref (SighejMemorySession *self)
{
  if (--self->n_refs > 0)
    return;

  sighej_wipe (self->tokens, self->tokens_bytes);
  g_free (self->tokens);
  sighej_wipe (self->interests, self->side.n_interests * sizeof *self->interests);
  g_free (self->interests);
  g_bytes_unref (self->sealed_labels);
  if (self->avoid != NULL)
    sighej_wipe (self->avoid, SIGHEJ_STORE_AVOID_BYTES);
  g_free (self->avoid);
  sighej_outbox_clear (&self->outbox);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

static void
copy_tokens (SighejMemorySession *self, const SighejStoreSession *from, gint64 now_us)
{
  gsize n_bytes = from->n_tokens * sizeof (SighejMemoryToken);
  char *text;

  for (guint i = 0; i < from->n_tokens; i++)
    n_bytes += strlen (from->tokens[i].text) + 1;
  self->tokens = g_malloc0 (n_bytes);
  self->tokens_bytes = n_bytes;
  self->n_tokens = from->n_tokens;

  text = (char *) (self->tokens + from->n_tokens);
  for (guint i = 0; i < from->n_tokens; i++)
    {
      SighejMemoryToken *token = &self->tokens[i];

      token->text = text;
      token->from_us = now_us + SECONDS_US (MAX (0, from->tokens[i].from_s));
      token->until_us = now_us + SECONDS_US (from->tokens[i].until_s);
      token->session = self;
      text = g_stpcpy (text, from->tokens[i].text) + 1;
    }
}

SighejMemorySession *
sighej_memory_session_new (const SighejStoreSession *from, gint64 now_us)
{
  SighejMemorySession *self = g_new0 (SighejMemorySession, 1);

  self->n_refs = 1;
  g_strlcpy (self->id, from->id, sizeof self->id);
  memcpy (self->secret_hash, from->secret_hash, sizeof self->secret_hash);
  memcpy (self->opening, from->opening, sizeof self->opening);
  self->expires_us = now_us + SECONDS_US (from->lifetime_s);
  self->tombstone = from->tombstone;
  copy_tokens (self, from, now_us);
  self->interests = g_memdup2 (from->interests, from->n_interests * sizeof *from->interests);
  self->side = (SighejMatcherSide){ from->day, from->n_interests, self->interests };
  self->sealed_labels = g_bytes_ref (from->sealed_labels);
  self->categories = from->categories;
  self->has_public_key = from->has_public_key;
  memcpy (self->public_key, from->public_key, sizeof self->public_key);
  self->avoid = sighej_matcher_dup_avoid (from->avoid);
  self->detached_us = now_us;
  return self;
}

void
sighej_memory_session_describe (const SighejMemorySession *self,
                                gint64 now_us,
                                SighejStoreInfo *info)
{
  info->id = self->id;
  info->first_token = self->tokens[0].text;
  info->opening = self->opening;
  info->remaining_ms = (guint) ((self->expires_us - now_us) / 1000);
  info->newest_seq = self->outbox.newest_seq;
  info->n_waiting = sighej_outbox_count (&self->outbox);
  info->day = self->side.day;
  info->n_interests = self->side.n_interests;
  info->sealed_labels = self->sealed_labels;
  info->categories = self->categories;
  info->public_key = self->has_public_key ? self->public_key : NULL;
}

gint64
sighej_memory_session_next_us (const SighejMemorySession *self)
{
  gint64 next_us = self->expires_us;

  for (guint i = 1; i < self->n_tokens; i++)
    if (self->tokens[i].text != NULL)
      next_us = MIN (next_us, self->tokens[i].until_us);
  return next_us;
}

gboolean
sighej_memory_session_has_secret (const SighejMemorySession *self)
{
  static const guint8 none[SIGHEJ_SHA256_BYTES];

  return memcmp (self->secret_hash, none, sizeof none) != 0;
}
