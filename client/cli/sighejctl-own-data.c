/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "sighej-error.h"
#include "sighejctl-cmds.h"

/* Beyond what the daemon writes (daemon/core/sighej-own-data.h), escapes and all. */
#define EXPORT_BYTES_MAX (128 * 1024 * 1024)
#define CHUNK_BYTES (64 * 1024)

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, message);
  return FALSE;
}

/* ---- export ---- */

/* (transfer full): the daemon's end of it; -1 with @error */
static int
ask (Sighejctl *self, GError **error)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;

  if (!sighej_dbus_manager1_call_export_sync (
          sighej_client_get_manager (self->client), NULL, &handle, &fds, NULL, error))
    return -1;
  return g_unix_fd_list_get (fds, g_variant_get_handle (handle), error);
}

/* Waits for more, at most --timeout. */
static gboolean
await (Sighejctl *self, int fd, GError **error)
{
  struct pollfd wanted = { .fd = fd, .events = POLLIN };
  int timeout_ms = self->timeout_s == 0 ? -1 : (int) sighejctl_get_timeout_ms (self);

  if (poll (&wanted, 1, timeout_ms) != 0)
    return TRUE;
  g_set_error_literal (
      error, SIGHEJCTL_ERROR, SIGHEJCTL_ERROR_TIMED_OUT, _ ("the daemon does not answer in time"));
  return FALSE;
}

static gboolean
read_all (Sighejctl *self, int fd, GByteArray *read_so_far, GError **error)
{
  guint8 chunk[CHUNK_BYTES];
  gssize n_bytes;

  do
    {
      if (!await (self, fd, error))
        return FALSE;
      n_bytes = read (fd, chunk, sizeof chunk);
      if (n_bytes > 0)
        g_byte_array_append (read_so_far, chunk, (guint) n_bytes);
      if (read_so_far->len > EXPORT_BYTES_MAX)
        return fail (error, _ ("the daemon says more than it can have"));
    }
  while (n_bytes > 0 || (n_bytes < 0 && errno == EINTR));
  return n_bytes == 0 || fail (error, g_strerror (errno));
}

/* What ends early is no JSON. */
static gboolean
print (Sighejctl *self, GByteArray *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *printed = NULL;

  if (text->len == 0
      || !json_parser_load_from_data (parser, (const char *) text->data, (gssize) text->len, NULL))
    return fail (error, _ ("the daemon stopped in the middle; try again"));
  json_generator_set_root (generator, json_parser_get_root (parser));
  json_generator_set_pretty (generator, self->output.form != SIGHEJCTL_FORM_JSON_SHORT);
  printed = json_generator_to_data (generator, NULL);
  fprintf (self->output.file, "%s\n", printed);
  return TRUE;
}

int
sighejctl_cmd_export (Sighejctl *self, GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  gboolean done;
  int fd;

  if (self->output.form == SIGHEJCTL_FORM_TERSE)
    {
      sighejctl_usage (error, _ ("what is exported is JSON, and has no terse form"));
      return -1;
    }
  fd = ask (self, error);
  if (fd < 0)
    return -1;
  done = read_all (self, fd, text, error) && print (self, text, error);
  close (fd);
  return done ? SIGHEJCTL_EXIT_DONE : -1;
}

/* ---- wipe ---- */

static gboolean
is_meant (Sighejctl *self, GError **error)
{
  g_autofree char *answer = NULL;

  if (self->yes)
    return TRUE;
  if (!sighejctl_can_ask (self))
    return fail (error, _ ("nothing is deleted yet; if you mean it, run 'sighejctl wipe --yes'"));
  answer
      = sighejctl_ask (_ ("This closes, and deletes your interests, your choices, whom you avoid "
                          "and what the\nbackend holds. It cannot be undone. Delete all? [y/N]"));
  return sighejctl_is_yes (answer) || fail (error, _ ("nothing is deleted"));
}

int
sighejctl_cmd_wipe (Sighejctl *self, GError **error)
{
  GVariantBuilder record;

  if (!is_meant (self, error)
      || !sighej_dbus_manager1_call_wipe_sync (
          sighej_client_get_manager (self->client), NULL, error))
    return -1;

  sighejctl_output_say (&self->output,
                        _ ("All that was held about you is deleted, here and at the backend.\n"));
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "wiped", g_variant_new_boolean (TRUE));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}
