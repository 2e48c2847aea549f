/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-receiver"

#include "config.h"

#include "sighej-receiver.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>

#define PART_BYTES 4096u
#define TCP_USER_TIMEOUT_MS 30000u

/* On a UNIX socket these fail, which is as good. */
void
sighej_receiver_prepare (int fd)
{
  int yes = 1;
  guint timeout_ms = TCP_USER_TIMEOUT_MS;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

gssize
sighej_receiver_read (SighejReceiver *self, int fd, guint8 *buffer, gsize n_buffer)
{
  int peek = self->is_unanswered ? MSG_PEEK : 0;
  gssize n_read;

  g_assert (self->n_unread == 0);

  n_read = recv (fd, buffer, n_buffer, MSG_DONTWAIT | peek);
  if (n_read <= 0)
    return n_read;
  self->is_unanswered = TRUE;
  if (peek != 0)
    self->n_unread = (guint32) n_read;
  return n_read;
}

void
sighej_receiver_settle (SighejReceiver *self, int fd)
{
  guint8 part[PART_BYTES];

  while (self->n_unread > 0)
    {
      gssize n_read = recv (fd, part, MIN (self->n_unread, PART_BYTES), MSG_DONTWAIT);

      if (n_read < 0 && errno == EINTR)
        continue;
      /* A connection that broke meanwhile has nothing to give back. */
      self->n_unread = n_read > 0 ? self->n_unread - (guint32) n_read : 0;
    }
}

void
sighej_receiver_note_sent (SighejReceiver *self, int fd)
{
  self->is_unanswered = FALSE;
  sighej_receiver_settle (self, fd);
}
