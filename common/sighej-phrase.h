/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/*
 * Four words two people compare who were paired by a code: no token was heard, so nothing else
 * shows that the backend did not swap their keys. Each side's key and nonce go into the phrase.
 * The creator of the code commits to hers before she sees the joiner's, the joiner says his before
 * he sees hers, so whoever stands in between has one guess in 2^32 and no search. Pure.
 */

#define SIGHEJ_PHRASE_WORDS 4
#define SIGHEJ_PHRASE_VOCABULARY 256

/* What the creator of a code commits to: SHA-256 ("SigHej/1 phrase" || key || nonce). */
void sighej_phrase_commit (const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                           const guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES],
                           guint8 out[SIGHEJ_COMMIT_BYTES]);

/* Whether the creator revealed what she had committed to; FALSE: the talk must not begin. */
gboolean sighej_phrase_opens (const guint8 commit[SIGHEJ_COMMIT_BYTES],
                              const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                              const guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES]);

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
                            const guint8 joiner_nonce[SIGHEJ_PHRASE_NONCE_BYTES],
                            guint8 out[SIGHEJ_PHRASE_WORDS]);

/* @language: "da" or anything else for English. */
const char *sighej_phrase_get_word (guint8 number, const char *language);

/* (transfer full): the four words with a space between, to be read aloud. */
char *sighej_phrase_to_text (const guint8 phrase[SIGHEJ_PHRASE_WORDS], const char *language);

G_END_DECLS
