/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejExpiryItem:
 * @at_us: when it is due
 * @place: belongs to the queue
 *
 * What an object embeds to wait in a SighejExpiry. Zero is a valid start: it waits nowhere.
 */
typedef struct
{
  gint64 at_us;
  guint place;
} SighejExpiryItem;

/**
 * SighejExpiry:
 *
 * Objects ordered by when they are due: a binary heap, so that a hundred thousand sessions need
 * one timer and an insertion costs a few swaps. Pure; the caller owns the objects and the time.
 */
typedef struct _SighejExpiry SighejExpiry;

SighejExpiry *sighej_expiry_new (void);
void sighej_expiry_free (SighejExpiry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejExpiry, sighej_expiry_free)

/* Puts @item in, or moves it when it waits already. @item must stay until it is removed. */
void sighej_expiry_set (SighejExpiry *self, SighejExpiryItem *item, gint64 at_us);

/* Takes @item out; fine when it does not wait. */
void sighej_expiry_remove (SighejExpiry *self, SighejExpiryItem *item);

/* Returns: (transfer none) (nullable): what is due first, NULL when nothing waits */
SighejExpiryItem *sighej_expiry_peek (SighejExpiry *self);

G_END_DECLS
