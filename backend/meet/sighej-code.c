/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-code.h"

#include <string.h>

#include "sighej-pack.h"

#define CODES (G_GUINT64_CONSTANT (1000000000000)) /* 10^12 */
#define KEY_BYTES 16                               /* of the hash that names a record */
#define LIFE_MS (SIGHEJ_CODE_SECONDS * 1000)

static GBytes *
write_code (const SighejCode *self)
{
  GByteArray *out = g_byte_array_new ();

  sighej_pack_bytes (out, self->opening, sizeof self->opening);
  sighej_pack_bytes (out, self->session_id, SIGHEJ_UUID_CHARS);
  sighej_pack_bytes (out, self->commit, sizeof self->commit);
  sighej_pack_uint (out, (guint64) self->made_ms, 8);
  sighej_pack_uint (out, self->joined, 1);
  sighej_pack_bytes (out, self->joiner, sizeof self->joiner);
  sighej_pack_bytes (out, self->key, sizeof self->key);
  sighej_pack_bytes (out, self->nonce, sizeof self->nonce);
  return g_byte_array_free_to_bytes (out);
}

guint
sighej_code_read (SighejCode *self, const SighejAmendment *amendment)
{
  SighejUnpack in = { 0 };
  gint64 left_ms;

  memset (self, 0, sizeof *self);
  if (amendment->plain == NULL)
    return 0;
  in.data = g_bytes_get_data (amendment->plain, &in.n_bytes);
  sighej_unpack_bytes (&in, self->opening, sizeof self->opening);
  sighej_unpack_bytes (&in, self->session_id, SIGHEJ_UUID_CHARS);
  sighej_unpack_bytes (&in, self->commit, sizeof self->commit);
  self->made_ms = (gint64) sighej_unpack_uint (&in, 8);
  self->joined = (gboolean) sighej_unpack_uint_max (&in, 1, 1);
  sighej_unpack_bytes (&in, self->joiner, sizeof self->joiner);
  sighej_unpack_bytes (&in, self->key, sizeof self->key);
  sighej_unpack_bytes (&in, self->nonce, sizeof self->nonce);
  left_ms = self->made_ms + LIFE_MS - amendment->now_ms;
  if (sighej_unpack_is_done (&in) && left_ms > 0)
    return (guint) MIN (left_ms, LIFE_MS);
  sighej_wipe (self, sizeof *self);
  return 0;
}

SighejAmendVerdict
sighej_code_put (const SighejCode *self, guint left_ms, SighejAmendment *amendment)
{
  amendment->value = write_code (self);
  amendment->lifetime_ms = left_ms;
  return SIGHEJ_AMEND_WRITE;
}

void
sighej_code_draw (SighejVault *vault,
                  const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                  const guint8 commit[SIGHEJ_COMMIT_BYTES],
                  guint n,
                  char digits[SIGHEJ_WIRE_CODE_CHARS + 1])
{
  char text[2 * (SIGHEJ_STORE_OPENING_BYTES + SIGHEJ_COMMIT_BYTES) + 1];
  guint8 tag[SIGHEJ_SHA256_BYTES];
  g_autofree char *route = g_strdup_printf ("draw %u", n);
  guint64 number;

  sighej_hex_encode (opening, SIGHEJ_STORE_OPENING_BYTES, text);
  sighej_hex_encode (commit, SIGHEJ_COMMIT_BYTES, text + 2 * SIGHEJ_STORE_OPENING_BYTES);
  sighej_vault_tag_request (vault, route, text, tag);
  memcpy (&number, tag, sizeof number);
  g_snprintf (digits,
              SIGHEJ_WIRE_CODE_CHARS + 1,
              "%012" G_GUINT64_FORMAT,
              GUINT64_FROM_BE (number) % CODES);
}

void
sighej_code_amend (SighejStore *store,
                   SighejVault *vault,
                   const char *digits,
                   SighejAmendStep step,
                   SighejStoreDone done,
                   gpointer user_data)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1] = "code:";
  guint8 tag[SIGHEJ_SHA256_BYTES];

  sighej_vault_tag_request (vault, "code", digits, tag);
  sighej_hex_encode (tag, KEY_BYTES, key + strlen (key));
  sighej_amend (store, vault, key, step, done, user_data);
}

/* ---- forgetting ---- */

typedef struct
{
  SighejStore *store;
  SighejVault *vault;
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  guint8 commit[SIGHEJ_COMMIT_BYTES];
  guint n_draws;
  gboolean is_anothers;
} Forgetting;

static void forget_next (Forgetting *self);

static void
forgetting_free (Forgetting *self)
{
  g_object_unref (self->store);
  g_object_unref (self->vault);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

static SighejAmendVerdict
wipe (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Forgetting *self = user_data;
  SighejCode code;
  gboolean is_there = sighej_code_read (&code, amendment) > 0;
  gboolean is_own = is_there && memcmp (code.opening, self->opening, sizeof code.opening) == 0
                    && memcmp (code.commit, self->commit, sizeof code.commit) == 0;

  sighej_wipe (&code, sizeof code);
  self->is_anothers = is_there && !is_own;
  return is_own ? SIGHEJ_AMEND_WRITE : SIGHEJ_AMEND_KEEP;
}

static void
on_wiped (const GError *error, gpointer user_data)
{
  Forgetting *self = user_data;

  if (error == NULL && self->is_anothers && self->n_draws < SIGHEJ_CODE_DRAWS_MAX)
    {
      forget_next (self);
      return;
    }
  if (error != NULL)
    g_info ("a code stays for a while: %s", error->message);
  forgetting_free (self);
}

static void
forget_next (Forgetting *self)
{
  char digits[SIGHEJ_WIRE_CODE_CHARS + 1];

  sighej_code_draw (self->vault, self->opening, self->commit, ++self->n_draws, digits);
  sighej_code_amend (self->store, self->vault, digits, wipe, on_wiped, self);
  sighej_wipe (digits, sizeof digits);
}

void
sighej_code_forget (SighejStore *store,
                    SighejVault *vault,
                    const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                    const guint8 commit[SIGHEJ_COMMIT_BYTES])
{
  Forgetting *self = g_new0 (Forgetting, 1);

  self->store = g_object_ref (store);
  self->vault = g_object_ref (vault);
  memcpy (self->opening, opening, sizeof self->opening);
  memcpy (self->commit, commit, sizeof self->commit);
  forget_next (self);
}
