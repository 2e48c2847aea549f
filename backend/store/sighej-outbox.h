/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

/**
 * SighejOutbox:
 *
 * The nudges of one session that it has not acknowledged, at most %SIGHEJ_STORE_OUTBOX_MAX, one a
 * peer's opening. A value type; zero is a valid start and costs no memory besides.
 */
typedef struct
{
  GArray *entries; /* (nullable): oldest first */
  guint64 newest_seq;
} SighejOutbox;

void sighej_outbox_clear (SighejOutbox *self);

guint sighej_outbox_count (const SighejOutbox *self);
gboolean sighej_outbox_is_full (const SighejOutbox *self);
gboolean sighej_outbox_has (const SighejOutbox *self, const guint8 *peer_opening);

/* Puts a nudge in, under the next number; the outbox must not be full. */
void sighej_outbox_push (SighejOutbox *self, const SighejStoreNudge *nudge);

/*
 * The same for clients of the first contract, who never acknowledge: what is repeated gives up its
 * old place, and the oldest makes room.
 */
void sighej_outbox_push_over (SighejOutbox *self, const SighejStoreNudge *nudge);

/* Returns: how many of @nudges were filled: all with seq > @after, oldest first */
guint sighej_outbox_read (const SighejOutbox *self,
                          guint64 after,
                          SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX]);

typedef void (*SighejOutboxTold) (const SighejStoreNudge *nudge, gpointer user_data);
/* Drops all with seq <= @seq, telling @told of each. */
void sighej_outbox_ack (SighejOutbox *self, guint64 seq, SighejOutboxTold told, gpointer user_data);

G_END_DECLS
