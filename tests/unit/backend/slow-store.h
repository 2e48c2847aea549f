/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

/**
 * SlowStore:
 *
 * Another store's front that answers when it is told to, as one in another process does: what
 * the memory store, which answers at once, never shows.
 */
#define SLOW_TYPE_STORE (slow_store_get_type ())
G_DECLARE_FINAL_TYPE (SlowStore, slow_store, SLOW, STORE, GObject)

SlowStore *slow_store_new (SighejStore *behind);

/* From now on find_by_secret(), sight(), read_outbox() and ack() wait for slow_store_answer(). */
void slow_store_hold (SlowStore *self);
guint slow_store_get_n_waiting (SlowStore *self);
/* Answers the oldest. */
void slow_store_answer (SlowStore *self);
/* Answers all, and the later ones at once again. */
void slow_store_release (SlowStore *self);
/* find_by_secret(), read_outbox(), claim(), settle() and what is about records fail with
 * UNAVAILABLE. */
void slow_store_break (SlowStore *self);
void slow_store_mend (SlowStore *self);

G_END_DECLS
