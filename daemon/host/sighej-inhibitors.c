/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-inhibitors.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#define READ_END 0
#define WRITE_END 1

typedef struct
{
  SighejInhibitors *inhibitors; /* not owned */
  char *who;
  char *why;
  int fd;
  guint watch_id;
} Inhibitor;

struct _SighejInhibitors
{
  GObject parent_instance;

  GPtrArray *all; /* Inhibitor*, oldest first */
};

G_DEFINE_FINAL_TYPE (SighejInhibitors, sighej_inhibitors, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
inhibitor_free (Inhibitor *inhibitor)
{
  g_clear_handle_id (&inhibitor->watch_id, g_source_remove);
  close (inhibitor->fd);
  g_free (inhibitor->who);
  g_free (inhibitor->why);
  g_free (inhibitor);
}

static void
sighej_inhibitors_init (SighejInhibitors *self)
{
  self->all = g_ptr_array_new_with_free_func ((GDestroyNotify) inhibitor_free);
}

static void
sighej_inhibitors_finalize (GObject *object)
{
  g_ptr_array_unref (SIGHEJ_INHIBITORS (object)->all);

  G_OBJECT_CLASS (sighej_inhibitors_parent_class)->finalize (object);
}

static void
sighej_inhibitors_class_init (SighejInhibitorsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_inhibitors_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

SighejInhibitors *
sighej_inhibitors_new (void)
{
  return g_object_new (SIGHEJ_TYPE_INHIBITORS, NULL);
}

static gboolean
check_text (const char *what, const char *text, glong most, GError **error)
{
  if (g_utf8_strlen (text, -1) > most)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_INVALID_REQUEST,
                   "%s has more than %ld characters",
                   what,
                   most);
      return FALSE;
    }

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (!g_unichar_isprint (g_utf8_get_char (at)))
      {
        g_set_error (error,
                     SIGHEJ_ERROR,
                     SIGHEJ_ERROR_INVALID_REQUEST,
                     "%s has a character that cannot be shown",
                     what);
        return FALSE;
      }

  return TRUE;
}

static gboolean
check (SighejInhibitors *self, const char *who, const char *why, GError **error)
{
  if (!check_text ("who", who, SIGHEJ_INHIBITOR_WHO_CHARACTERS_MAX, error)
      || !check_text ("why", why, SIGHEJ_INHIBITOR_WHY_CHARACTERS_MAX, error))
    return FALSE;

  if (*who == '\0')
    g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "who is empty");
  else if (self->all->len >= SIGHEJ_INHIBITORS_MAX)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_UNAVAILABLE,
                 "%d programs ask for silence already; close one of them",
                 SIGHEJ_INHIBITORS_MAX);
  else
    return TRUE;

  return FALSE;
}

/* Only the other end's closing is watched for: no condition is asked for that data could meet. */
static gboolean
on_closed (int fd, GIOCondition condition, gpointer user_data)
{
  Inhibitor *inhibitor = user_data;
  g_autoptr (SighejInhibitors) self = g_object_ref (inhibitor->inhibitors);

  inhibitor->watch_id = 0;
  g_ptr_array_remove (self->all, inhibitor);
  g_info ("a program no longer asks for silence, %u still do", self->all->len);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

int
sighej_inhibitors_add (SighejInhibitors *self, const char *who, const char *why, GError **error)
{
  Inhibitor *inhibitor;
  int ends[2];

  if (!check (self, who, why, error))
    return -1;
  if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) != 0)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_UNAVAILABLE,
                   "cannot make a pipe: %s",
                   g_strerror (errno));
      return -1;
    }

  inhibitor = g_new0 (Inhibitor, 1);
  inhibitor->inhibitors = self;
  inhibitor->who = g_strdup (who);
  inhibitor->why = g_strdup (why);
  inhibitor->fd = ends[READ_END];
  inhibitor->watch_id = g_unix_fd_add (inhibitor->fd, G_IO_HUP | G_IO_ERR, on_closed, inhibitor);
  g_ptr_array_add (self->all, inhibitor);
  g_info ("a program asks for silence, %u do now", self->all->len);
  g_signal_emit (self, signals[CHANGED], 0);
  return ends[WRITE_END];
}

guint
sighej_inhibitors_get_n (SighejInhibitors *self)
{
  return self->all->len;
}

GVariant *
sighej_inhibitors_to_variant (SighejInhibitors *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ss)"));
  for (guint i = 0; i < self->all->len; i++)
    {
      const Inhibitor *inhibitor = g_ptr_array_index (self->all, i);

      g_variant_builder_add (&builder, "(ss)", inhibitor->who, inhibitor->why);
    }
  return g_variant_builder_end (&builder);
}

GError *
sighej_inhibitors_to_error (SighejInhibitors *self)
{
  const Inhibitor *oldest = g_ptr_array_index (self->all, 0);
  gboolean has_why = *oldest->why != '\0';

  return g_error_new (SIGHEJ_ERROR,
                      SIGHEJ_ERROR_INHIBITED,
                      "%s asks for silence%s%s%s; it goes on by itself when that is over",
                      oldest->who,
                      has_why ? " (" : "",
                      oldest->why,
                      has_why ? ")" : "");
}

void
sighej_inhibitors_check (SighejInhibitors *self, GPtrArray *results)
{
  g_autoptr (GError) inhibited = NULL;

  if (self->all->len == 0)
    return;

  inhibited = sighej_inhibitors_to_error (self);
  sighej_check_results_add (results,
                            "presence.inhibitors",
                            "warning",
                            inhibited->message,
                            "end that program, if it should have done so");
}
