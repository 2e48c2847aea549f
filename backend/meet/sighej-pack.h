/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The bytes of a record: whole numbers, the most significant byte first, and runs of bytes whose
 * length the reader knows. A reader that met something wrong is broken: it gives zeros from then
 * on, so its user asks once, at the end.
 */

void sighej_pack_uint (GByteArray *out, guint64 value, guint n_bytes); /* 1 to 8 */
void sighej_pack_bytes (GByteArray *out, const void *data, gsize n_bytes);

typedef struct
{
  const guint8 *data; /* what is left */
  gsize n_bytes;
  gboolean broken;
} SighejUnpack;

guint64 sighej_unpack_uint (SighejUnpack *self, guint n_bytes);
/* A number that may be @max at most. */
guint64 sighej_unpack_uint_max (SighejUnpack *self, guint n_bytes, guint64 max);
void sighej_unpack_bytes (SighejUnpack *self, void *out, gsize n_bytes);
/* For who finds a rule broken. */
void sighej_unpack_require (SighejUnpack *self, gboolean holds);
/* Whether all was read, and nothing was wrong. */
gboolean sighej_unpack_is_done (const SighejUnpack *self);

G_END_DECLS
