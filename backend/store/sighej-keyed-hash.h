/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_SIPHASH_KEY_BYTES 16

/*
 * Hashing for tables whose keys strangers choose. g_str_hash() is known to all, so anybody could
 * send keys that fall into one bucket; SipHash-2-4 under a key drawn at start cannot be aimed at.
 */

/* SipHash-2-4 with a 64-bit result. */
guint64
sighej_siphash (const guint8 key[SIGHEJ_SIPHASH_KEY_BYTES], const void *data, gsize n_bytes);

/* The same under the key of this process. */
guint64 sighej_keyed_hash (const void *data, gsize n_bytes);

/* A GHashFunc for strings, to go with g_str_equal(). */
guint sighej_keyed_str_hash (gconstpointer text);

G_END_DECLS
