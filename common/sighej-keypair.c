/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-keypair"

#include "config.h"

#include "sighej-keypair.h"

#include <string.h>

#include <sodium.h>

#include "sighej-crypto.h"

G_STATIC_ASSERT (crypto_kx_PUBLICKEYBYTES == SIGHEJ_KEYPAIR_BYTES);
G_STATIC_ASSERT (crypto_kx_SECRETKEYBYTES == SIGHEJ_KEYPAIR_BYTES);
G_STATIC_ASSERT (crypto_kx_SESSIONKEYBYTES == SIGHEJ_KEYPAIR_BYTES);
G_STATIC_ASSERT (crypto_scalarmult_BYTES == SIGHEJ_KEYPAIR_BYTES);

struct _SighejKeypair
{
  int n_refs;
  guint8 public_half[SIGHEJ_KEYPAIR_BYTES];
  guint8 secret_half[SIGHEJ_KEYPAIR_BYTES];
};

static SighejKeypair *
new_empty (void)
{
  SighejKeypair *self;

  /* Asking again is cheap; it fails only when there is no source of randomness. */
  if (sodium_init () < 0)
    g_error ("libsodium cannot be used: there is no source of randomness");

  self = g_new0 (SighejKeypair, 1);
  self->n_refs = 1;
  return self;
}

SighejKeypair *
sighej_keypair_new (void)
{
  SighejKeypair *self = new_empty ();

  crypto_kx_keypair (self->public_half, self->secret_half);
  return self;
}

SighejKeypair *
sighej_keypair_new_from_secret (const guint8 secret[SIGHEJ_KEYPAIR_BYTES])
{
  SighejKeypair *self = new_empty ();

  memcpy (self->secret_half, secret, SIGHEJ_KEYPAIR_BYTES);
  crypto_scalarmult_base (self->public_half, self->secret_half);
  return self;
}

SighejKeypair *
sighej_keypair_ref (SighejKeypair *self)
{
  self->n_refs++;
  return self;
}

void
sighej_keypair_unref (SighejKeypair *self)
{
  if (--self->n_refs > 0)
    return;

  sighej_wipe (self, sizeof *self);
  g_free (self);
}

const guint8 *
sighej_keypair_get_public (SighejKeypair *self)
{
  return self->public_half;
}

gboolean
sighej_keypair_derive_secret (SighejKeypair *self,
                              const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                              const char *info,
                              guint8 out[SIGHEJ_KEYPAIR_BYTES])
{
  guint8 shared[SIGHEJ_KEYPAIR_BYTES];
  gboolean usable = crypto_scalarmult (shared, self->secret_half, peer) == 0;

  memset (out, 0, SIGHEJ_KEYPAIR_BYTES);
  if (usable)
    sighej_hkdf_sha256 (shared, sizeof shared, info, out, SIGHEJ_KEYPAIR_BYTES);
  sighej_wipe (shared, sizeof shared);
  return usable;
}

gboolean
sighej_keypair_derive_directions (SighejKeypair *self,
                                  const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                                  guint8 receive[SIGHEJ_KEYPAIR_BYTES],
                                  guint8 send[SIGHEJ_KEYPAIR_BYTES])
{
  int order = memcmp (self->public_half, peer, SIGHEJ_KEYPAIR_BYTES);
  int result = -1;

  if (order < 0)
    result
        = crypto_kx_client_session_keys (receive, send, self->public_half, self->secret_half, peer);
  else if (order > 0)
    result
        = crypto_kx_server_session_keys (receive, send, self->public_half, self->secret_half, peer);

  if (result != 0)
    {
      sighej_wipe (receive, SIGHEJ_KEYPAIR_BYTES);
      sighej_wipe (send, SIGHEJ_KEYPAIR_BYTES);
    }
  return result == 0;
}
