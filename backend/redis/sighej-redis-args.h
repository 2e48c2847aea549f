/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_REDIS_ARGS_MAX 272        /* 256 sessions and what goes before them */
#define SIGHEJ_REDIS_ARGS_NUMBERS_MAX 64 /* of them may be numbers */
#define SIGHEJ_REDIS_ARGS_NUMBER_CHARS 20

/**
 * SighejRedisArgs:
 *
 * Arguments of a script, gathered on the stack: texts are lent until the script has been sent,
 * numbers are kept in here. Start with n = 0 and n_numbers = 0; more than fits is our own mistake.
 */
typedef struct
{
  guint n;
  guint n_numbers;
  const char *args[SIGHEJ_REDIS_ARGS_MAX];
  gsize n_bytes[SIGHEJ_REDIS_ARGS_MAX];
  char numbers[SIGHEJ_REDIS_ARGS_NUMBERS_MAX][SIGHEJ_REDIS_ARGS_NUMBER_CHARS + 1];
} SighejRedisArgs;

void sighej_redis_args_bytes (SighejRedisArgs *self, gconstpointer bytes, gsize n_bytes);
void sighej_redis_args_text (SighejRedisArgs *self, const char *text);
void sighej_redis_args_number (SighejRedisArgs *self, guint64 number);

G_END_DECLS
