/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-log"

#include "config.h"

#include "sighej-log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sighej-crypto.h"

#define REDACTED_CHARS 8
#define REDACTED_RING 8 /* ids in one log call, at most */

typedef struct
{
  const char *name;
  GLogLevelFlags shown;
} Level;

#define SHOWN_ERROR (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)
#define SHOWN_WARNING (SHOWN_ERROR | G_LOG_LEVEL_WARNING)
#define SHOWN_MESSAGE (SHOWN_WARNING | G_LOG_LEVEL_MESSAGE)
#define SHOWN_INFO (SHOWN_MESSAGE | G_LOG_LEVEL_INFO)
#define SHOWN_DEBUG (SHOWN_INFO | G_LOG_LEVEL_DEBUG)

static const Level levels[] = {
  { "error", SHOWN_ERROR }, { "warning", SHOWN_WARNING }, { "message", SHOWN_MESSAGE },
  { "info", SHOWN_INFO },   { "debug", SHOWN_DEBUG },
};

/* One log for a process, so its settings are global; only sighej_log_init() writes most. */
static char *log_program;
static gboolean log_to_journal;
static GLogLevelFlags log_fatal;
static int log_shown = SHOWN_MESSAGE; /* atomic */

static const char *
get_field (const GLogField *fields, gsize n_fields, const char *name)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0 && strcmp (fields[i].key, name) == 0)
      return fields[i].value;
  return "";
}

static const char *
level_prefix (GLogLevelFlags level)
{
  if (level & G_LOG_LEVEL_ERROR)
    return "fatal: ";
  if (level & G_LOG_LEVEL_CRITICAL)
    return "error: ";
  if (level & G_LOG_LEVEL_WARNING)
    return "warning: ";
  return "";
}

/* Text from outside may reach a message: it shall not be able to fake a second line. */
static void
append_one_line (GString *line, const char *message)
{
  for (const char *c = message; *c != '\0'; c++)
    g_string_append_c (line, g_ascii_iscntrl (*c) ? ' ' : *c);
}

static void
write_line (GLogLevelFlags level, const char *message)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (g_atomic_int_get (&log_shown) & G_LOG_LEVEL_DEBUG)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      g_autofree char *time = g_date_time_format (now, "%H:%M:%S.%f");

      g_string_append_printf (line, "%s ", time);
    }
  g_string_append_printf (line, "%s: %s", log_program, level_prefix (level));
  append_one_line (line, message);
  g_string_append_c (line, '\n');
  fputs (line->str, stderr);
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  GLogWriterOutput output = G_LOG_WRITER_UNHANDLED;

  if ((level & G_LOG_LEVEL_MASK & (GLogLevelFlags) g_atomic_int_get (&log_shown)) == 0)
    return G_LOG_WRITER_HANDLED;

  if (log_to_journal)
    output = g_log_writer_journald (level, fields, n_fields, NULL);
  if (output == G_LOG_WRITER_UNHANDLED)
    write_line (level, get_field (fields, n_fields, "MESSAGE"));

  /* GLib leaves G_DEBUG=fatal-warnings to the writer. */
  if (level & log_fatal & ~G_LOG_LEVEL_ERROR)
    abort ();
  return G_LOG_WRITER_HANDLED;
}

gboolean
sighej_log_set_level (const char *level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      if (strcmp (levels[i].name, level) == 0)
        {
          g_atomic_int_set (&log_shown, (int) levels[i].shown);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
sighej_log_shows (GLogLevelFlags level)
{
  return (level & (GLogLevelFlags) g_atomic_int_get (&log_shown)) != 0;
}

void
sighej_log_init (const char *program, const char *level)
{
  gboolean first = log_program == NULL;

  g_free (log_program);
  log_program = g_strdup (program);
  sighej_log_set_level (level);
  if (!first)
    return;

  log_to_journal = g_log_writer_is_journald (fileno (stderr));
  log_fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_always_fatal (log_fatal);
  g_log_set_writer_func (write_log, NULL, NULL);
}

static void
insert (GVariantDict *fields, const char *name, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (fields, name, "s", value);
}

void
sighej_log_event (const char *domain,
                  const char *message_id,
                  const char *state,
                  const char *reason,
                  const char *format,
                  ...)
{
  g_auto (GVariantDict) fields = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) all = NULL;
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  insert (&fields, "MESSAGE", message);
  insert (&fields, SIGHEJ_LOG_MESSAGE_ID, message_id);
  insert (&fields, SIGHEJ_LOG_STATE, state);
  insert (&fields, SIGHEJ_LOG_REASON, reason);
  all = g_variant_ref_sink (g_variant_dict_end (&fields));
  g_log_variant (domain, G_LOG_LEVEL_INFO, all);
}

/* A key that lives as long as the process: the same id reads the same within one log only. */
static guint8 redact_key[SIGHEJ_KEY_BYTES];
static gsize redact_ready;

static const guint8 *
get_redact_key (void)
{
  if (g_once_init_enter (&redact_ready))
    {
      sighej_random_bytes (redact_key, sizeof redact_key);
      g_once_init_leave (&redact_ready, 1);
    }
  return redact_key;
}

int
sighej_log_share_key (void)
{
  int fd = memfd_create ("sighej-log-key", MFD_CLOEXEC);

  if (fd >= 0 && pwrite (fd, get_redact_key (), sizeof redact_key, 0) == sizeof redact_key)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

gboolean
sighej_log_take_key (int fd)
{
  guint8 key[SIGHEJ_KEY_BYTES];
  gboolean good = pread (fd, key, sizeof key, 0) == sizeof key;

  if (good)
    {
      get_redact_key ();
      memcpy (redact_key, key, sizeof redact_key);
    }
  sighej_wipe (key, sizeof key);
  return good;
}

const char *
sighej_log_redact (const char *id)
{
  static _Thread_local char ring[REDACTED_RING][REDACTED_CHARS + 1];
  static _Thread_local guint next;
  guint8 mac[SIGHEJ_SHA256_BYTES];
  char *out = ring[next++ % REDACTED_RING];

  sighej_hmac_sha256 (get_redact_key (), SIGHEJ_KEY_BYTES, (const guint8 *) id, strlen (id), mac);
  sighej_hex_encode (mac, REDACTED_CHARS / 2, out);
  return out;
}
