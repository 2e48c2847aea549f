/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-handoff"

#include "config.h"

#include "sighej-handoff.h"

#include <fcntl.h>
#include <string.h>

#define VARIABLE "SIGHEJ_HANDOFF"
#define SEPARATOR ":"
#define FIRST_FD 3 /* in the new process, one after the other */

struct _SighejHandoff
{
  GPtrArray *names; /* (element-type char*), with room for NULL at the end */
  GArray *fds;      /* (element-type int) */
};

static const char *const manager_variables[] = {
  "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
};

SighejHandoff *
sighej_handoff_new (void)
{
  SighejHandoff *self = g_new0 (SighejHandoff, 1);

  self->names = g_ptr_array_new_with_free_func (g_free);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  return self;
}

void
sighej_handoff_free (SighejHandoff *self)
{
  g_ptr_array_unref (self->names);
  g_array_unref (self->fds);
  g_free (self);
}

void
sighej_handoff_add (SighejHandoff *self, const char *name, int fd)
{
  g_return_if_fail (name[0] != '\0' && strstr (name, SEPARATOR) == NULL && fd >= 0);
  g_return_if_fail (self->fds->len < SIGHEJ_HANDOFF_MAX);

  g_ptr_array_add (self->names, g_strdup (name));
  g_array_append_val (self->fds, fd);
}

/* ---- in the parent ---- */

static GStrv
make_environment (SighejHandoff *self, const char *own_name)
{
  GStrv environment = g_get_environ ();
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < self->names->len; i++)
    g_string_append_printf (names, "%s" SEPARATOR, (const char *) self->names->pdata[i]);
  g_string_append (names, own_name);
  for (gsize i = 0; i < G_N_ELEMENTS (manager_variables); i++)
    environment = g_environ_unsetenv (environment, manager_variables[i]);
  return g_environ_setenv (environment, VARIABLE, names->str, TRUE);
}

gboolean
sighej_handoff_spawn (SighejHandoff *self,
                      const char *const *argv,
                      const char *own_name,
                      int own_fd,
                      GPid *pid,
                      GError **error)
{
  g_auto (GStrv) environment = make_environment (self, own_name);
  int sources[SIGHEJ_HANDOFF_MAX + 1];
  int targets[SIGHEJ_HANDOFF_MAX + 1];
  gsize n = self->fds->len;

  for (gsize i = 0; i < n; i++)
    sources[i] = g_array_index (self->fds, int, i);
  sources[n++] = own_fd;
  for (gsize i = 0; i < n; i++)
    targets[i] = FIRST_FD + (int) i;
  return g_spawn_async_with_pipes_and_fds (NULL,
                                           argv,
                                           (const char *const *) environment,
                                           G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO,
                                           NULL,
                                           NULL,
                                           -1,
                                           -1,
                                           -1,
                                           sources,
                                           targets,
                                           n,
                                           pid,
                                           NULL,
                                           NULL,
                                           NULL,
                                           error);
}

/* ---- in the new process ---- */

/* (transfer none): the names by place; a taken one is empty. */
static GStrv
get_handed (void)
{
  static GStrv handed;

  if (handed == NULL)
    handed = g_strsplit (
        g_getenv (VARIABLE) != NULL ? g_getenv (VARIABLE) : "", SEPARATOR, SIGHEJ_HANDOFF_MAX + 1);
  return handed;
}

int
sighej_handoff_take (const char *name)
{
  GStrv handed = get_handed ();

  for (int i = 0; handed[i] != NULL; i++)
    if (g_str_equal (handed[i], name))
      {
        handed[i][0] = '\0';
        return fcntl (FIRST_FD + i, F_SETFD, FD_CLOEXEC) == 0 ? FIRST_FD + i : -1;
      }
  return -1;
}

void
sighej_handoff_forget (void)
{
  g_unsetenv (VARIABLE);
}
