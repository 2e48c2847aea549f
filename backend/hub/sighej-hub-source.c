/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-hub"

#include "config.h"

#include "sighej-hub-source.h"

#include <sys/epoll.h>

#include <errno.h>
#include <unistd.h>

/* So many are served before other sources of the loop get their turn. */
#define BATCH_EVENTS 128

typedef struct
{
  GSource parent;

  int epoll_fd;
  gpointer tag;
  SighejHubSourceFunc ready;
  SighejHubSourceDone done;
  gpointer user_data;
} HubSource;

static int
serve_batch (HubSource *self, int n_events_max)
{
  struct epoll_event events[BATCH_EVENTS];
  int n_events = epoll_wait (self->epoll_fd, events, n_events_max, 0);

  for (int i = 0; i < n_events; i++)
    self->ready (events[i].data.ptr, events[i].events, self->user_data);
  self->done (self->user_data);
  return n_events;
}

/* Where several came at once, others have come meanwhile: GLib's own poll for them costs more. */
static gboolean
hub_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  HubSource *self = (HubSource *) source;
  int n_served = 0, n_events;

  do
    {
      n_events = serve_batch (self, BATCH_EVENTS - n_served);
      n_served += n_events;
    }
  while (n_events > 1 && n_served < BATCH_EVENTS);
  return G_SOURCE_CONTINUE;
}

/* What timers and other sources have brought about, before the loop waits. */
static gboolean
hub_source_prepare (GSource *source, int *timeout_ms)
{
  HubSource *self = (HubSource *) source;

  *timeout_ms = -1;
  self->done (self->user_data);
  return FALSE;
}

static gboolean
hub_source_check (GSource *source)
{
  HubSource *self = (HubSource *) source;

  return g_source_query_unix_fd (source, self->tag) != 0;
}

static void
hub_source_finalize (GSource *source)
{
  close (((HubSource *) source)->epoll_fd);
}

static GSourceFuncs hub_source_funcs = {
  .prepare = hub_source_prepare,
  .check = hub_source_check,
  .dispatch = hub_source_dispatch,
  .finalize = hub_source_finalize,
};

GSource *
sighej_hub_source_new (SighejHubSourceFunc ready, SighejHubSourceDone done, gpointer user_data)
{
  GSource *source = g_source_new (&hub_source_funcs, sizeof (HubSource));
  HubSource *self = (HubSource *) source;

  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  g_assert_cmpint (self->epoll_fd, >=, 0);
  self->ready = ready;
  self->done = done;
  self->user_data = user_data;
  self->tag = g_source_add_unix_fd (source, self->epoll_fd, G_IO_IN);
  g_source_set_static_name (source, "sighej hub");
  /* Nobody turns the loop from within a batch; else GLib wakes itself up twice a batch, to take the
   * descriptor out of its poll and back in. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static gboolean
control (GSource *source, int operation, int fd, guint32 events, gpointer watched)
{
  struct epoll_event event = { .events = events, .data.ptr = watched };

  return epoll_ctl (((HubSource *) source)->epoll_fd, operation, fd, &event) == 0;
}

gboolean
sighej_hub_source_add (GSource *source, int fd, guint32 events, gpointer watched)
{
  return control (source, EPOLL_CTL_ADD, fd, events, watched);
}

void
sighej_hub_source_modify (GSource *source, int fd, guint32 events, gpointer watched)
{
  if (!control (source, EPOLL_CTL_MOD, fd, events, watched))
    g_critical ("cannot change what is watched: %s", g_strerror (errno));
}

void
sighej_hub_source_remove (GSource *source, int fd)
{
  control (source, EPOLL_CTL_DEL, fd, 0, NULL);
}
