/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "store-redis.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sighej-store-redis.h"
#include "sighej-test.h"

#define START_US (G_GINT64_CONSTANT (1767261600) * G_USEC_PER_SEC) /* 2026-01-01T10:00:00Z */

static RedisServer *server;
static gint64 *now_us; /* what Redis takes for the time */

static char *
create_clock (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  char *path = g_build_filename (folder, "now", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof *now_us), ==, 0);
  now_us = mmap (NULL, sizeof *now_us, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (now_us != MAP_FAILED);
  *now_us = START_US;
  close (fd);
  return path;
}

static void
start (void)
{
  g_autofree char *path = create_clock ();
  g_autofree char *file = g_strconcat ("STILLCLOCK_FILE=", path, NULL);
  const char *const environment[] = { "LD_PRELOAD=" STILLCLOCK, file, NULL };

  server = redis_server_new (NULL, environment);
}

void
store_redis_reset (void)
{
  g_autofree char *answer = NULL;

  if (server == NULL)
    start ();
  *now_us = START_US;
  answer = redis_server_ask (server, "FLUSHALL", NULL);
  g_assert_cmpstr (answer, ==, "OK");
}

static void
on_pinged (const GError *error, gpointer user_data)
{
  *(int *) user_data = error != NULL ? error->code : -1;
}

static gboolean
answers (SighejStore *store)
{
  int code = -2;

  sighej_store_ping (store, on_pinged, &code);
  WAIT_UNTIL (code != -2);
  return code == -1;
}

SighejStore *
store_redis_new (SighejClock *clock)
{
  static const guint8 tombstone_key[SIGHEJ_KEY_BYTES] = { 0x70 };
  g_autofree char *text = redis_server_dup_url (server, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (text, &error);
  SighejStore *store;

  g_assert_no_error (error);
  store = sighej_store_redis_new (url, tombstone_key, clock);
  WAIT_UNTIL (answers (store));
  return store;
}

void
store_redis_turn (gint64 us)
{
  *now_us += us;
}

RedisServer *
store_redis_get_server (void)
{
  return server;
}

void
store_redis_stop (void)
{
  if (server == NULL)
    return;
  g_clear_pointer (&server, redis_server_free);
  munmap (now_us, sizeof *now_us);
}
