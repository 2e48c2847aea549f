/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-args"

#include "config.h"

#include "sighej-redis-args.h"

#include <string.h>

void
sighej_redis_args_bytes (SighejRedisArgs *self, gconstpointer bytes, gsize n_bytes)
{
  g_assert (self->n < SIGHEJ_REDIS_ARGS_MAX);

  self->args[self->n] = bytes;
  self->n_bytes[self->n] = n_bytes;
  self->n++;
}

void
sighej_redis_args_text (SighejRedisArgs *self, const char *text)
{
  sighej_redis_args_bytes (self, text, strlen (text));
}

void
sighej_redis_args_number (SighejRedisArgs *self, guint64 number)
{
  char *end;
  char *start;

  g_assert (self->n_numbers < SIGHEJ_REDIS_ARGS_NUMBERS_MAX);

  end = start = self->numbers[self->n_numbers++] + SIGHEJ_REDIS_ARGS_NUMBER_CHARS;
  do
    *--start = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  sighej_redis_args_bytes (self, start, (gsize) (end - start));
}
