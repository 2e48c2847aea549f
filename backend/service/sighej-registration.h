/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"
#include "sighej-vocabulary.h"

G_BEGIN_DECLS

/**
 * SighejRegistration:
 * @session: for sighej_store_add_session(); lends the arrays below
 * @answer: for the client; its secret is in here and nowhere else
 *
 * A request for a session made ready: interests hashed and labels sealed, all tokens derived and
 * the seed forgotten, the secret drawn and only its hash in @session. Wiped when freed.
 */
typedef struct
{
  SighejStoreSession session;
  SighejWireSessionAnswer answer;

  SighejStoreToken tokens[SIGHEJ_EPOCHS_MAX];
  SighejStoreInterest interests[SIGHEJ_WIRE_INTERESTS_MAX];
  guint8 avoid[SIGHEJ_STORE_AVOID_BYTES];
  const char **categories; /* their ids, lent by the vocabulary */
} SighejRegistration;

/**
 * sighej_registration_new:
 * @wall_us: now, for the UTC day of the hashes and the time of expiry
 * @ttl_s: longest life of a session; a request for more gets this
 * @has_secret: FALSE for the first contract: no secret, and the token may be registered again
 *
 * Errors: SIGHEJ_ERROR_INVALID_REQUEST, SIGHEJ_ERROR_INVALID_INTEREST.
 */
SighejRegistration *sighej_registration_new (const SighejWireSessionRequest *request,
                                             SighejVault *vault,
                                             SighejVocabulary *vocabulary,
                                             gint64 wall_us,
                                             guint ttl_s,
                                             gboolean has_secret,
                                             GError **error);
void sighej_registration_free (SighejRegistration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejRegistration, sighej_registration_free)

G_END_DECLS
