/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_AGEING_KEY_BYTES 32

/**
 * SighejAgeing:
 *
 * A bounded map that forgets: every entry lives equally long from the moment it was added, and
 * nothing slides. When it is full the oldest entry makes room. Keys are 32 bytes nobody outside
 * can choose (one keyed hash, or two of half the length); each has a small number of flags. Pure;
 * the caller brings the time.
 */
typedef struct _SighejAgeing SighejAgeing;

/* @lifetime_us: how long an entry lives; @n_max: entries kept, 1 or more */
SighejAgeing *sighej_ageing_new (gint64 lifetime_us, guint n_max);
void sighej_ageing_free (SighejAgeing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejAgeing, sighej_ageing_free)

/* Returns: (nullable): the flags of a live entry, good until the next call of anything else here */
guint *
sighej_ageing_lookup (SighejAgeing *self, const guint8 key[SIGHEJ_AGEING_KEY_BYTES], gint64 now_us);

/* The flags of the entry, which is made with no flags when there is no live one. */
guint *
sighej_ageing_add (SighejAgeing *self, const guint8 key[SIGHEJ_AGEING_KEY_BYTES], gint64 now_us);

/* Drops what is over at @now_us. */
void sighej_ageing_expire (SighejAgeing *self, gint64 now_us);

/* When the next entry is over; G_MAXINT64: there is none. */
gint64 sighej_ageing_next_us (SighejAgeing *self);

guint sighej_ageing_get_size (SighejAgeing *self);

G_END_DECLS
