/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/*
 * Four words two people compare who were paired by a code: no token was heard, so nothing else
 * shows that the backend did not swap their keys. Each side's key and a number of its own go into
 * the phrase, and each has promised its number before it learns the other's:
 *
 *   creator                        joiner
 *   commit, with the code ───────▸
 *                         ◂─────── key, promise of his secret, with the code
 *   key, nonce ──────────────────▸ opens the commit, or it is broken
 *   keeps the promise,    ◂─────── secret, as the proof of the talk
 *   or it is broken
 *
 * So whoever stands in between must choose both numbers it shows before it knows what they must
 * match: one guess in 2^32 and no search. Pure.
 */

#define SIGHEJ_PHRASE_WORDS 4
#define SIGHEJ_PHRASE_VOCABULARY 256
#define SIGHEJ_PHRASE_SECRET_BYTES 32 /* the joiner's number */

/* What the creator of a code commits to: SHA-256 ("SigHej/1 phrase" || key || nonce). */
void sighej_phrase_commit (const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                           const guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES],
                           guint8 out[SIGHEJ_COMMIT_BYTES]);

/* Whether the creator revealed what she had committed to; FALSE: the talk must not begin. */
gboolean sighej_phrase_opens (const guint8 commit[SIGHEJ_COMMIT_BYTES],
                              const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                              const guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES]);

/*
 * What the joiner sends in place of his secret, as the nonce of his request: the first 16 bytes of
 * SHA-256 ("SigHej/1 joiner" || key || secret).
 */
void sighej_phrase_promise (const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                            const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES],
                            guint8 out[SIGHEJ_PHRASE_NONCE_BYTES]);

/* Whether the joiner's secret is the one promised. */
gboolean sighej_phrase_keeps (const guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES],
                              const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                              const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES]);

/**
 * sighej_phrase_compute:
 * @creator_key: of who made the code
 * @joiner_key: of who used it
 *
 * The same numbers on both sides, 0 to 255 each, whatever their languages.
 */
void sighej_phrase_compute (const guint8 creator_key[SIGHEJ_PEER_KEY_BYTES],
                            const guint8 creator_nonce[SIGHEJ_PHRASE_NONCE_BYTES],
                            const guint8 joiner_key[SIGHEJ_PEER_KEY_BYTES],
                            const guint8 joiner_secret[SIGHEJ_PHRASE_SECRET_BYTES],
                            guint8 out[SIGHEJ_PHRASE_WORDS]);

/* @language: "da" or anything else for English. */
const char *sighej_phrase_get_word (guint8 number, const char *language);

/* (transfer full): the four words with a space between, to be read aloud. */
char *sighej_phrase_to_text (const guint8 phrase[SIGHEJ_PHRASE_WORDS], const char *language);

G_END_DECLS
