/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-cue.h"

#include <string.h>

#include "sighej-amend.h"
#include "sighej-handle.h"

typedef struct
{
  SighejStore *store;
  SighejVault *vault;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  guint lifetime_ms;
  SighejCueDrawn drawn;
  gpointer user_data;
  guint cue;
  gboolean taken;
  guint n_tries;
} Draw;

static void draw_again (Draw *self);

static Draw *
draw_new (SighejStore *store, SighejVault *vault, const char *nudge_id)
{
  Draw *self = g_new0 (Draw, 1);

  self->store = g_object_ref (store);
  self->vault = g_object_ref (vault);
  g_strlcpy (self->nudge_id, nudge_id, sizeof self->nudge_id);
  return self;
}

static void
draw_free (Draw *self)
{
  g_object_unref (self->store);
  g_object_unref (self->vault);
  g_free (self);
}

/* Of so many bits that no number is likelier than another by more than one in two million. */
guint
sighej_cue_random (guint n)
{
  guint32 random;

  sighej_random_bytes ((guint8 *) &random, sizeof random);
  return random % n;
}

static gboolean
is_own (Draw *self, GBytes *plain)
{
  gsize n_bytes;
  const char *data = g_bytes_get_data (plain, &n_bytes);

  return n_bytes == SIGHEJ_NUDGE_ID_CHARS && memcmp (data, self->nudge_id, n_bytes) == 0;
}

static void
amend (Draw *self, SighejAmendStep step, SighejStoreDone done)
{
  char key[sizeof "cue:4294967295"];

  g_snprintf (key, sizeof key, "cue:%u", self->cue);
  sighej_amend (self->store, self->vault, key, step, done, self);
}

static SighejAmendVerdict
reserve (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Draw *self = user_data;

  self->taken = amendment->plain != NULL && !is_own (self, amendment->plain);
  if (amendment->plain != NULL)
    return SIGHEJ_AMEND_KEEP;
  amendment->value = g_bytes_new (self->nudge_id, SIGHEJ_NUDGE_ID_CHARS);
  amendment->lifetime_ms = self->lifetime_ms;
  return SIGHEJ_AMEND_WRITE;
}

static void
on_reserved (const GError *error, gpointer user_data)
{
  Draw *self = user_data;

  if (error == NULL && self->taken && self->n_tries < SIGHEJ_CUE_TRIES_MAX)
    {
      draw_again (self);
      return;
    }
  self->drawn (self->cue, error, self->user_data);
  draw_free (self);
}

static guint
get_candidate (SighejVault *vault, const char *nudge_id, guint i)
{
  g_autofree char *route = g_strdup_printf ("cue %u", i);
  guint8 tag[SIGHEJ_SHA256_BYTES];
  guint32 number;

  sighej_vault_tag_request (vault, route, nudge_id, tag);
  memcpy (&number, tag, sizeof number);
  return GUINT32_FROM_BE (number) % SIGHEJ_HANDLES;
}

guint
sighej_cue_get_first (SighejVault *vault, const char *nudge_id)
{
  return get_candidate (vault, nudge_id, 1);
}

static void
draw_again (Draw *self)
{
  self->cue = get_candidate (self->vault, self->nudge_id, ++self->n_tries);
  amend (self, reserve, on_reserved);
}

void
sighej_cue_draw (SighejStore *store,
                 SighejVault *vault,
                 const char *nudge_id,
                 guint lifetime_ms,
                 SighejCueDrawn drawn,
                 gpointer user_data)
{
  Draw *self = draw_new (store, vault, nudge_id);

  self->lifetime_ms = lifetime_ms;
  self->drawn = drawn;
  self->user_data = user_data;
  draw_again (self);
}

static SighejAmendVerdict
let_go (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  return amendment->plain != NULL && is_own (user_data, amendment->plain) ? SIGHEJ_AMEND_WRITE
                                                                          : SIGHEJ_AMEND_KEEP;
}

/* What is not let go lapses by itself. */
static void
on_let_go (const GError *error, gpointer user_data)
{
  if (error != NULL)
    g_info ("a cue stays taken for a while: %s", error->message);
  draw_free (user_data);
}

void
sighej_cue_release (SighejStore *store, SighejVault *vault, const char *nudge_id, guint cue)
{
  Draw *self = draw_new (store, vault, nudge_id);

  self->cue = cue;
  amend (self, let_go, on_let_go);
}
