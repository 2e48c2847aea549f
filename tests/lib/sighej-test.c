/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-test.h"

#include <glib/gstdio.h>
#include <stdlib.h>

static char *wait_where;
static GPtrArray *dirs;

static gboolean
on_wait_too_long (gpointer user_data)
{
  g_error ("%s: waited %d s in vain for: %s",
           wait_where,
           SIGHEJ_TEST_WAIT_SECONDS,
           (const char *) user_data);
  return G_SOURCE_REMOVE;
}

guint
sighej_test_wait_begin (const char *where, const char *what)
{
  g_free (wait_where);
  wait_where = g_strdup (where);
  return g_timeout_add_seconds (SIGHEJ_TEST_WAIT_SECONDS, on_wait_too_long, (gpointer) what);
}

void
sighej_test_wait_step (void)
{
  g_main_context_iteration (NULL, TRUE);
}

void
sighej_test_wait_end (guint id)
{
  g_source_remove (id);
}

void
sighej_test_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
remove_dirs (void)
{
  for (guint i = 0; i < dirs->len; i++)
    remove_tree (dirs->pdata[i]);
  g_clear_pointer (&dirs, g_ptr_array_unref);
  g_clear_pointer (&wait_where, g_free);
}

char *
sighej_test_dup_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("sighej-test-XXXXXX", &error);

  g_assert_no_error (error);
  if (dirs == NULL)
    {
      dirs = g_ptr_array_new_with_free_func (g_free);
      atexit (remove_dirs);
    }
  g_ptr_array_add (dirs, g_strdup (dir));
  return dir;
}

void
sighej_test_unref_last (const char *where, GObject *object)
{
  gpointer weak = object;
  guint id;

  g_object_add_weak_pointer (object, &weak);
  g_object_unref (object);
  for (guint i = 0; weak != NULL && i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  if (weak == NULL)
    return;

  /* A thread of its own may still have work. */
  id = sighej_test_wait_begin (where, "the object to die");
  while (weak != NULL)
    sighej_test_wait_step ();
  sighej_test_wait_end (id);
}

GTestDBus *
sighej_test_bus_up (void)
{
  GTestDBus *bus = g_test_dbus_new (G_TEST_DBUS_NONE);

  g_test_dbus_up (bus);
  return bus;
}

GDBusConnection *
sighej_test_bus_connect (GTestDBus *bus)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL,
      NULL,
      &error);

  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}
