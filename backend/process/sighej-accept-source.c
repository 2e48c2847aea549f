/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-listener"

#include "config.h"

#include "sighej-accept-source.h"

#include <sys/epoll.h>

#include <unistd.h>

typedef struct
{
  GSource parent;

  int epoll_fd;
  int fd; /* not owned */
  gboolean armed;
  gpointer tag;
} AcceptSource;

static gboolean
accept_source_check (GSource *source)
{
  AcceptSource *self = (AcceptSource *) source;

  return g_source_query_unix_fd (source, self->tag) != 0;
}

static gboolean
accept_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  AcceptSource *self = (AcceptSource *) source;

  if (callback (user_data) && self->armed && !g_source_is_destroyed (source))
    {
      sighej_accept_source_set_armed (source, FALSE);
      sighej_accept_source_set_armed (source, TRUE);
    }
  return G_SOURCE_CONTINUE;
}

static void
accept_source_finalize (GSource *source)
{
  close (((AcceptSource *) source)->epoll_fd);
}

static GSourceFuncs accept_source_funcs = {
  .check = accept_source_check,
  .dispatch = accept_source_dispatch,
  .finalize = accept_source_finalize,
};

gboolean
sighej_accept_source_set_armed (GSource *source, gboolean armed)
{
  AcceptSource *self = (AcceptSource *) source;
  struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };

  if (armed == self->armed)
    return TRUE;
  if (epoll_ctl (self->epoll_fd, armed ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, self->fd, &event) != 0)
    return FALSE;
  self->armed = armed;
  return TRUE;
}

GSource *
sighej_accept_source_new (int fd)
{
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  GSource *source;
  AcceptSource *self;

  if (epoll_fd < 0)
    return NULL;
  source = g_source_new (&accept_source_funcs, sizeof (AcceptSource));
  self = (AcceptSource *) source;
  self->epoll_fd = epoll_fd;
  self->fd = fd;
  self->tag = g_source_add_unix_fd (source, epoll_fd, G_IO_IN);
  g_source_set_static_name (source, "sighej-listener");
  return source;
}
