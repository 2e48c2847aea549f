/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-amend.h"
#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/*
 * The record of a pairing code, "code:<keyed hash of the digits>": who made it and what she
 * committed to, and who joined. It lives as long as the code, or until the meet that came of it is
 * over.
 */

#define SIGHEJ_CODE_SECONDS 300
#define SIGHEJ_CODE_DRAWS_MAX 8 /* of digits, while others have them */

typedef struct
{
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES]; /* of the creator */
  char session_id[SIGHEJ_UUID_CHARS + 1];     /* of hers, that asked last */
  guint8 commit[SIGHEJ_COMMIT_BYTES];
  gint64 made_ms; /* the store's clock */
  gboolean joined;
  guint8 joiner[SIGHEJ_STORE_OPENING_BYTES];
  guint8 key[SIGHEJ_PEER_KEY_BYTES];
  guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES];
} SighejCode;

/* Returns: milliseconds it lives on; 0: there is none, and @self is zero */
guint sighej_code_read (SighejCode *self, const SighejAmendment *amendment);
/* Its value again, for @left_ms. */
SighejAmendVerdict
sighej_code_put (const SighejCode *self, guint left_ms, SighejAmendment *amendment);

/*
 * The @n-th digits for this creator and commit, from 1: drawn by a keyed hash, so that the same
 * question has the same answer and nobody else knows it.
 */
void sighej_code_draw (SighejVault *vault,
                       const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                       const guint8 commit[SIGHEJ_COMMIT_BYTES],
                       guint n,
                       char digits[SIGHEJ_WIRE_CODE_CHARS + 1]);

/* sighej_amend() on its record. Who reads the store learns no code. */
void sighej_code_amend (SighejStore *store,
                        SighejVault *vault,
                        const char *digits,
                        SighejAmendStep step,
                        SighejStoreDone done,
                        gpointer user_data);

/* The meet that came of it is over: nothing is to tell of it. What cannot be wiped lapses. */
void sighej_code_forget (SighejStore *store,
                         SighejVault *vault,
                         const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                         const guint8 commit[SIGHEJ_COMMIT_BYTES]);

G_END_DECLS
