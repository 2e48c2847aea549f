/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-test-clock.h"

G_BEGIN_DECLS

/* How long WAIT_UNTIL() waits for what must happen, seconds: far above any sane time. */
#define SIGHEJ_TEST_WAIT_SECONDS 20

/* Runs the default main context until @condition holds; fails the test after the limit. */
#define WAIT_UNTIL(condition)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint wait_until_id_ = sighej_test_wait_begin (G_STRLOC, #condition);                          \
    while (!(condition))                                                                           \
      sighej_test_wait_step ();                                                                    \
    sighej_test_wait_end (wait_until_id_);                                                         \
  }                                                                                                \
  G_STMT_END

guint sighej_test_wait_begin (const char *where, const char *what);
void sighej_test_wait_step (void);
void sighej_test_wait_end (guint id);

/* Dispatches everything that is ready, without waiting. */
void sighej_test_settle (void);

/* A fresh folder, removed with all in it when the program ends. (transfer full) */
char *sighej_test_dup_dir (void);

/* Drops the last reference and proves the object died. */
#define sighej_test_assert_finalized(object) sighej_test_unref_last (G_STRLOC, G_OBJECT (object))
void sighej_test_unref_last (const char *where, GObject *object);

/**
 * sighej_test_bus_up:
 *
 * A private bus of the real dbus-daemon, made the session bus through the environment.
 *
 * Returns: (transfer full): the bus; g_test_dbus_down() and unref at the end
 */
GTestDBus *sighej_test_bus_up (void);
/* A further connection to it, (transfer full). */
GDBusConnection *sighej_test_bus_connect (GTestDBus *bus);

G_END_DECLS
