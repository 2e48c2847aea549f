/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-registration"

#include "config.h"

#include "sighej-registration.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-interest-set.h"

#define SECRET_BYTES 32

void
sighej_registration_free (SighejRegistration *self)
{
  g_clear_pointer (&self->session.sealed_labels, g_bytes_unref);
  g_free (self->categories);
  sighej_wipe_free_string (self->answer.session_secret);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* A random UUID (RFC 4122, version 4) from the system's randomness, which GLib's are not. */
static void
draw_session_id (char out[SIGHEJ_UUID_CHARS + 1])
{
  guint8 bytes[16];
  char hex[2 * sizeof bytes + 1];

  sighej_random_bytes (bytes, sizeof bytes);
  bytes[6] = (guint8) ((bytes[6] & 0x0f) | 0x40);
  bytes[8] = (guint8) ((bytes[8] & 0x3f) | 0x80);
  sighej_hex_encode (bytes, sizeof bytes, hex);
  g_snprintf (out,
              SIGHEJ_UUID_CHARS + 1,
              "%.8s-%.4s-%.4s-%.4s-%.12s",
              hex,
              hex + 8,
              hex + 12,
              hex + 16,
              hex + 20);
}

static void
take_identity (SighejRegistration *self,
               const SighejWireSessionRequest *request,
               SighejVault *vault)
{
  SighejStoreSession *session = &self->session;
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];

  draw_session_id (session->id);
  g_strlcpy (self->answer.session_id, session->id, sizeof self->answer.session_id);
  if (request->has_opening_id)
    memcpy (opening_id, request->opening_id, sizeof opening_id);
  else
    sighej_random_bytes (opening_id, sizeof opening_id);
  sighej_vault_tag_opening (vault, opening_id, session->opening);
  session->has_public_key = request->has_public_key;
  memcpy (session->public_key, request->public_key, sizeof session->public_key);
  if (request->has_avoid)
    {
      G_STATIC_ASSERT (sizeof self->avoid == sizeof request->avoid);
      memcpy (self->avoid, request->avoid, sizeof self->avoid);
      session->avoid = self->avoid;
    }
}

static void
draw_secret (SighejRegistration *self)
{
  self->answer.session_secret = sighej_random_base64url (SECRET_BYTES);
  sighej_sha256 ((const guint8 *) self->answer.session_secret,
                 strlen (self->answer.session_secret),
                 self->session.secret_hash);
}

static void
take_static_token (SighejRegistration *self, const char *token)
{
  g_strlcpy (self->tokens[0].text, token, sizeof self->tokens[0].text);
  self->tokens[0].from_s = 0;
  self->tokens[0].until_s = (int) self->session.lifetime_s;
  self->session.n_tokens = 1;
}

/* All tokens of the session with the times they are taken (BLE 3); then the seed is forgotten. */
static void
derive_tokens (SighejRegistration *self, const SighejWireSessionRequest *request)
{
  g_autoptr (SighejTokenSchedule) schedule
      = sighej_token_schedule_new (request->token_seed,
                                   request->has_public_key ? request->public_key : NULL,
                                   self->session.lifetime_s);

  self->session.n_tokens = sighej_token_schedule_get_n_epochs (schedule);
  for (guint i = 0; i < self->session.n_tokens; i++)
    {
      const SighejTokenEpoch *epoch = sighej_token_schedule_get_epoch (schedule, i);

      sighej_token_to_hex (&epoch->token, self->tokens[i].text);
      self->tokens[i].from_s = (int) epoch->start_s - SIGHEJ_TOKEN_EARLY_SECONDS;
      self->tokens[i].until_s = (int) epoch->end_s + SIGHEJ_TOKEN_GRACE_SECONDS;
    }
}

static gboolean
take_tokens (SighejRegistration *self, const SighejWireSessionRequest *request, GError **error)
{
  const char *problem = NULL;

  self->session.tokens = self->tokens;
  if (!sighej_wire_is_token (request->ble_token))
    problem = "ble_token: give 1 to 64 of A-Z, a-z, 0-9, - and _";
  else if (!request->has_seed)
    take_static_token (self, request->ble_token);
  else
    derive_tokens (self, request);

  if (problem == NULL && !g_str_equal (self->tokens[0].text, request->ble_token))
    problem = "ble_token: it is not the first token of token_seed";
  if (problem != NULL)
    g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, problem);
  return problem == NULL;
}

static void
hash_interests (SighejRegistration *self, SighejVault *vault, GStrv canonical)
{
  guint32 day = self->session.day;

  for (guint i = 0; i < self->session.n_interests; i++)
    {
      sighej_vault_hash_interest (vault, day, canonical[i], self->interests[i].today);
      sighej_vault_hash_interest (vault, day + 1, canonical[i], self->interests[i].tomorrow);
    }
}

static gboolean
take_interests (SighejRegistration *self,
                const SighejWireSessionRequest *request,
                SighejVault *vault,
                SighejVocabulary *vocabulary,
                GError **error)
{
  SighejStoreSession *session = &self->session;
  g_autoptr (SighejInterestSet) set
      = sighej_interest_set_new (vocabulary, (const char *const *) request->interests, error);

  if (set == NULL)
    return FALSE;

  session->n_interests = set->n;
  session->interests = self->interests;
  session->categories = set->categories;
  self->categories = sighej_interest_set_dup_categories (vocabulary, set->categories);
  session->category_ids = self->categories;
  hash_interests (self, vault, set->canonical);
  session->sealed_labels
      = sighej_vault_seal_labels (vault, session->id, (const char *const *) set->labels);
  return TRUE;
}

SighejRegistration *
sighej_registration_new (const SighejWireSessionRequest *request,
                         SighejVault *vault,
                         SighejVocabulary *vocabulary,
                         gint64 wall_us,
                         guint ttl_s,
                         gboolean has_secret,
                         GError **error)
{
  g_autoptr (SighejRegistration) self = g_new0 (SighejRegistration, 1);
  SighejStoreSession *session = &self->session;

  session->lifetime_s = request->expires_in_s > 0 ? MIN (request->expires_in_s, ttl_s) : ttl_s;
  session->day = sighej_vault_day (wall_us);
  session->tombstone = has_secret && !request->has_seed;
  self->answer.expires_at_us = wall_us + session->lifetime_s * (gint64) G_USEC_PER_SEC;
  take_identity (self, request, vault);
  if (has_secret)
    draw_secret (self);

  if (!take_tokens (self, request, error)
      || !take_interests (self, request, vault, vocabulary, error))
    return NULL;
  return g_steal_pointer (&self);
}
