/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-control"

#include "config.h"

#include "sighej-control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "sighej-crypto.h"

#define MESSAGES_PER_WAKE 64 /* then others have a turn */

struct _SighejControl
{
  int fd;
  GSource *source;
  SighejControlReceived received;
  SighejControlClosed closed;
  gpointer user_data;
};

gboolean
sighej_control_make_pair (int ends[2], GError **error)
{
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0)
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               g_io_error_from_errno (errno),
               "cannot make a line to a worker: %s",
               g_strerror (errno));
  return FALSE;
}

/* One message: its kind, and its text with a NUL. Returns: as recv(). */
static gssize
receive (int fd, char *message, int flags)
{
  gssize n;

  do
    n = recv (fd, message, SIGHEJ_CONTROL_BYTES_MAX + 1, flags);
  while (n < 0 && errno == EINTR);
  message[MAX (n, 0)] = '\0';
  return n;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  SighejControl *self = user_data;
  g_autoptr (GSource) source = g_source_ref (self->source);
  g_autofree char *message = g_malloc (SIGHEJ_CONTROL_BYTES_MAX + 2);

  for (guint i = 0; i < MESSAGES_PER_WAKE && !g_source_is_destroyed (source); i++)
    {
      gssize n = receive (fd, message, MSG_DONTWAIT);

      if (n < 0 && errno == EAGAIN)
        return G_SOURCE_CONTINUE;
      if (n <= 0)
        {
          self->closed (self->user_data);
          return G_SOURCE_REMOVE;
        }
      self->received ((SighejControlKind) message[0], message + 1, self->user_data);
      sighej_wipe (message, (gsize) n);
    }
  return G_SOURCE_CONTINUE;
}

SighejControl *
sighej_control_new (int fd,
                    SighejControlReceived received,
                    SighejControlClosed closed,
                    gpointer user_data)
{
  SighejControl *self = g_new0 (SighejControl, 1);

  self->fd = fd;
  self->received = received;
  self->closed = closed;
  self->user_data = user_data;
  self->source = g_unix_fd_source_new (fd, G_IO_IN | G_IO_HUP);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_set_static_name (self->source, "sighej-control");
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

void
sighej_control_free (SighejControl *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
  g_free (self);
}

gboolean
sighej_control_send (SighejControl *self, SighejControlKind kind, const char *text)
{
  char first = (char) kind;
  struct iovec parts[] = {
    { &first, 1 },
    { (char *) text, text != NULL ? strlen (text) : 0 },
  };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts) };

  g_return_val_if_fail (parts[1].iov_len <= SIGHEJ_CONTROL_BYTES_MAX, FALSE);

  return sendmsg (self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

char *
sighej_control_read_settings (int fd)
{
  g_autofree char *message = g_malloc (SIGHEJ_CONTROL_BYTES_MAX + 2);
  gssize n = receive (fd, message, 0);
  char *text = n > 0 && message[0] == SIGHEJ_CONTROL_SETTINGS ? g_strdup (message + 1) : NULL;

  sighej_wipe (message, (gsize) MAX (n, 0));
  return text;
}
