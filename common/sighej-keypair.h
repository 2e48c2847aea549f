/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_KEYPAIR_BYTES 32
#define SIGHEJ_KEYPAIR_AVOID_INFO "SigHej/1 avoid"

/**
 * SighejKeypair:
 *
 * An X25519 pair, one for each session: made with the session's seed, its public
 * half is committed to by the tokens on the air and told to the backend, its secret half leaves
 * the process never. Counted; wiped with the last reference, so who still talks with the keys of a
 * session that was renewed keeps it alive. For one thread. By libsodium.
 */
typedef struct _SighejKeypair SighejKeypair;

/* (transfer full): a fresh one. */
SighejKeypair *sighej_keypair_new (void);

/* (transfer full): the one with that secret half, for test vectors; the caller wipes its copy. */
SighejKeypair *sighej_keypair_new_from_secret (const guint8 secret[SIGHEJ_KEYPAIR_BYTES]);
SighejKeypair *sighej_keypair_ref (SighejKeypair *self);
void sighej_keypair_unref (SighejKeypair *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejKeypair, sighej_keypair_unref)

/* (transfer none): %SIGHEJ_KEYPAIR_BYTES bytes. */
const guint8 *sighej_keypair_get_public (SighejKeypair *self);

/**
 * sighej_keypair_derive_secret:
 * @peer: public key of the other
 * @info: what it is for, such as %SIGHEJ_KEYPAIR_AVOID_INFO
 * @out: HKDF-SHA-256 of X25519 of both, the same on both sides; the caller wipes it
 *
 * Returns: FALSE when @peer is no usable public key (of low order): @out is zero then
 */
gboolean sighej_keypair_derive_secret (SighejKeypair *self,
                                       const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                                       const char *info,
                                       guint8 out[SIGHEJ_KEYPAIR_BYTES]);

/**
 * sighej_keypair_derive_directions:
 * @peer: public key of the other
 * @receive: key of what the other sends; the caller wipes it
 * @send: key of what we send; the caller wipes it
 *
 * libsodium's crypto_kx; the side whose public key is smaller as bytes is its client.
 *
 * Returns: FALSE when @peer is no usable public key, or our own: both are zero then
 */
gboolean sighej_keypair_derive_directions (SighejKeypair *self,
                                           const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                                           guint8 receive[SIGHEJ_KEYPAIR_BYTES],
                                           guint8 send[SIGHEJ_KEYPAIR_BYTES]);

G_END_DECLS
