/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-expiry.h"
#include "sighej-matcher.h"
#include "sighej-outbox.h"
#include "sighej-pairs.h"

G_BEGIN_DECLS

typedef struct _SighejMemorySession SighejMemorySession;

/* A time in which a text stands for a session. */
typedef struct
{
  const char *text; /* behind the array of tokens; NULL: dropped */
  gint64 from_us;
  gint64 until_us;
  SighejMemorySession *session;
} SighejMemoryToken;

/**
 * SighejMemorySession:
 *
 * One session as the memory store keeps it; only that store looks in here. All of it is one
 * person's, so all of it is wiped when the last reference goes. Times are the clock's now_us.
 */
struct _SighejMemorySession
{
  SighejExpiryItem expiry; /* first: the queue hands it back */
  guint n_refs;            /* the store's, and one while a callback looks at it */
  SighejPairsMember member;

  char id[SIGHEJ_UUID_CHARS + 1];
  guint8 secret_hash[SIGHEJ_SHA256_BYTES];
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  gint64 expires_us;
  gboolean tombstone;

  SighejMemoryToken *tokens; /* [0] names the session, so it stays for the whole of its life */
  guint n_tokens;
  gsize tokens_bytes;

  SighejMatcherSide side;
  SighejStoreInterest *interests;
  GBytes *sealed_labels;
  guint64 categories;
  gboolean has_public_key;
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
  guint8 *avoid; /* (nullable): SIGHEJ_STORE_AVOID_BYTES, the tags sorted */

  guint n_attached;
  gint64 detached_us; /* since when it has no socket, while n_attached is 0 */

  SighejOutbox outbox;
};

SighejMemorySession *sighej_memory_session_new (const SighejStoreSession *from, gint64 now_us);
SighejMemorySession *sighej_memory_session_ref (SighejMemorySession *self);
void sighej_memory_session_unref (SighejMemorySession *self);

/* FALSE: of the first contract, and no secret finds it. */
gboolean sighej_memory_session_has_secret (const SighejMemorySession *self);

/* @info: lends from @self */
void sighej_memory_session_describe (const SighejMemorySession *self,
                                     gint64 now_us,
                                     SighejStoreInfo *info);

/* The instant something about it must be dropped: a token that is over, or all of it. */
gint64 sighej_memory_session_next_us (const SighejMemorySession *self);

G_END_DECLS
