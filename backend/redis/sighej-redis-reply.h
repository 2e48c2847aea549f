/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIGHEJ_REDIS_REPLY_BYTES_MAX (16 * 1024 * 1024) /* one reply, on the wire and in memory */

typedef enum
{
  SIGHEJ_REDIS_NIL,
  SIGHEJ_REDIS_INTEGER,
  SIGHEJ_REDIS_BYTES, /* a string or a status */
  SIGHEJ_REDIS_ARRAY,
  SIGHEJ_REDIS_ERROR,
} SighejRedisKind;

/**
 * SighejRedisReply:
 *
 * What Redis answered; lent, for the time of a call back. Each function takes any kind and %NULL.
 */
typedef struct _SighejRedisReply SighejRedisReply;

/* NIL for %NULL. */
SighejRedisKind sighej_redis_reply_get_kind (const SighejRedisReply *reply);

/* 0 when it is no integer. */
gint64 sighej_redis_reply_get_integer (const SighejRedisReply *reply);

/**
 * sighej_redis_reply_get_bytes:
 * @n_bytes: (out) (optional): 0 when there are none
 *
 * Returns: (nullable): a string, a status or the text of an error; a NUL follows. %NULL for other
 *   kinds
 */
const char *sighej_redis_reply_get_bytes (const SighejRedisReply *reply, gsize *n_bytes);

/* How many elements an array has, 0 for other kinds. */
gsize sighej_redis_reply_get_n (const SighejRedisReply *reply);

/* (nullable): an element; %NULL when there is no such. */
const SighejRedisReply *sighej_redis_reply_get (const SighejRedisReply *reply, gsize i);

/* Whether it holds exactly this text. */
gboolean sighej_redis_reply_is (const SighejRedisReply *reply, const char *text);

/**
 * SighejRedisVerdict:
 * @SIGHEJ_REDIS_FINE: no error
 * @SIGHEJ_REDIS_REFUSED: our command is wrong, or we may not: again would not help
 * @SIGHEJ_REDIS_BUSY: loading, out of memory, a script runs: later
 * @SIGHEJ_REDIS_NOT_MASTER: another server is the one to ask
 * @SIGHEJ_REDIS_NO_ACCESS: the user or the password is wrong or missing
 * @SIGHEJ_REDIS_NO_SCRIPT: EVALSHA of what it does not know
 *
 * What an error means to the connection it came from.
 */
typedef enum
{
  SIGHEJ_REDIS_FINE,
  SIGHEJ_REDIS_REFUSED,
  SIGHEJ_REDIS_BUSY,
  SIGHEJ_REDIS_NOT_MASTER,
  SIGHEJ_REDIS_NO_ACCESS,
  SIGHEJ_REDIS_NO_SCRIPT,
} SighejRedisVerdict;

/**
 * sighej_redis_reply_judge:
 * @error: (out) (optional): for all but FINE: SIGHEJ_ERROR_FAILED when REFUSED or
 *   NO_ACCESS, else SIGHEJ_ERROR_UNAVAILABLE. Its message has Redis' code word and never what we
 * sent.
 */
SighejRedisVerdict sighej_redis_reply_judge (const SighejRedisReply *reply, GError **error);

/**
 * SighejRedisReader:
 *
 * Bytes from Redis ─▸ replies, by hiredis' protocol reader; the one place that knows hiredis. Not
 * its connections: their blocking look-up, their missing timeouts and their abort on a reply that
 * nobody asked for stay away. A reply is built in a small arena that is
 * used again, so that a reply costs no allocation as a rule.
 */
typedef struct _SighejRedisReader SighejRedisReader;

SighejRedisReader *sighej_redis_reader_new (void);
void sighej_redis_reader_free (SighejRedisReader *self);

/* Errors: SIGHEJ_ERROR_UNAVAILABLE (more than %SIGHEJ_REDIS_REPLY_BYTES_MAX wait). */
gboolean sighej_redis_reader_feed (SighejRedisReader *self,
                                   const void *bytes,
                                   gsize n_bytes,
                                   GError **error);

/**
 * sighej_redis_reader_next:
 * @reply: (out) (nullable) (transfer none): the next whole reply, valid until the next call; %NULL
 *   when more bytes are needed
 *
 * Errors: SIGHEJ_ERROR_UNAVAILABLE (these bytes are no Redis); then and ever after.
 */
gboolean
sighej_redis_reader_next (SighejRedisReader *self, const SighejRedisReply **reply, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejRedisReader, sighej_redis_reader_free)

G_END_DECLS
