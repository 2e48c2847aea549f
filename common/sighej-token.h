/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_TOKEN_BYTES 10
#define SIGHEJ_TOKEN_HEX_CHARS 20

/**
 * SighejToken:
 *
 * The 80 bits on the air (BLE 2). A value; it is a pseudonym for minutes, so it reaches a
 * log only through sighej_token_redact().
 */
typedef struct
{
  guint8 bytes[SIGHEJ_TOKEN_BYTES];
} SighejToken;

/* @out: 21 characters with the NUL. */
void sighej_token_to_hex (const SighejToken *self, char out[SIGHEJ_TOKEN_HEX_CHARS + 1]);
gboolean sighej_token_from_hex (const char *hex, SighejToken *out);
gboolean sighej_token_equal (const SighejToken *a, const SighejToken *b); /* constant time */

/* For hash tables keyed by a SighejToken*. */
guint sighej_token_hash (gconstpointer token);
gboolean sighej_token_equal_func (gconstpointer a, gconstpointer b);

/* The first 4 hex digits and "…", for debug level only (BLE 4). @out: 8 bytes. */
void sighej_token_redact (const SighejToken *self, char out[8]);

G_END_DECLS
