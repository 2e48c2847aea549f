/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "store-suite.h"

#include "sighej-store-memory.h"
#include "sighej-store-meter.h"
#include "store-redis.h"

static void
set_up_memory (Fixture *fixture)
{
  fixture->store = sighej_store_memory_new (SIGHEJ_CLOCK (fixture->clock));
  fixture->n_acts = 100000;
}

/* Nobody can tell it from the store behind it. */
static void
set_up_metered (Fixture *fixture)
{
  g_autoptr (SighejStore) store = sighej_store_memory_new (SIGHEJ_CLOCK (fixture->clock));

  fixture->store = sighej_store_meter_new (store);
  fixture->n_acts = 10000;
}

/* Its heartbeats are on the system's clock: what they are for is in test-store-workers.c. */
static void
set_up_redis (Fixture *fixture)
{
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();

  store_redis_reset ();
  fixture->store = store_redis_new (clock);
  fixture->turn = store_redis_turn;
  fixture->n_acts = g_getenv ("SIGHEJ_SLOW") != NULL ? 100000 : 10000;
}

/* One line a store. */
static const struct
{
  const char *name;
  void (*set_up) (Fixture *fixture);
} implementations[] = {
  { "memory", set_up_memory },
  { "metered", set_up_metered },
  { "redis", set_up_redis },
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  implementations[GPOINTER_TO_UINT (data)].set_up (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->store);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

int
store_suite_run (int argc, char **argv, const StoreScript *script, guint n_scripts)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (implementations); i++)
    for (guint j = 0; j < n_scripts; j++)
      {
        g_autofree char *name
            = g_strdup_printf ("/store/%s/%s", implementations[i].name, script[j].name);

        g_test_add (name, Fixture, GUINT_TO_POINTER (i), set_up, script[j].run, tear_down);
      }
  status = g_test_run ();
  store_redis_stop ();
  return status;
}
