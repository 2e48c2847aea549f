/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#define READ_END 0
#define WRITE_END 1
#define PIPE_US ((gint64) SIGHEJ_PIPES_SECONDS_MAX * G_USEC_PER_SEC)

typedef struct
{
  SighejPipes *pipes; /* not owned */
  GBytes *bytes;
  gsize n_written;
  int fd;
  guint watch_id;
  guint wait_id;
} Pipe;

struct _SighejPipes
{
  GObject parent_instance;

  SighejClock *clock;
  GPtrArray *all; /* Pipe* */
};

G_DEFINE_FINAL_TYPE (SighejPipes, sighej_pipes, G_TYPE_OBJECT)

static void
pipe_free (gpointer data)
{
  Pipe *one = data;

  g_clear_handle_id (&one->watch_id, g_source_remove);
  sighej_clock_clear (one->pipes->clock, &one->wait_id);
  close (one->fd);
  g_bytes_unref (one->bytes);
  g_free (one);
}

static void
sighej_pipes_init (SighejPipes *self)
{
  self->all = g_ptr_array_new_with_free_func (pipe_free);
}

static void
sighej_pipes_finalize (GObject *object)
{
  SighejPipes *self = SIGHEJ_PIPES (object);

  g_ptr_array_unref (self->all);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_pipes_parent_class)->finalize (object);
}

static void
sighej_pipes_class_init (SighejPipesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_pipes_finalize;
  /* Whoever stops reading is an error of write(), and nothing to die of. */
  signal (SIGPIPE, SIG_IGN);
}

SighejPipes *
sighej_pipes_new (SighejClock *clock)
{
  SighejPipes *self = g_object_new (SIGHEJ_TYPE_PIPES, NULL);

  self->clock = g_object_ref (clock);
  return self;
}

/* Returns: FALSE when nothing more is to be written, whatever the cause */
static gboolean
write_chunk (Pipe *one)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (one->bytes, &n_bytes);
  gssize n_now = write (
      one->fd, data + one->n_written, MIN (n_bytes - one->n_written, SIGHEJ_PIPES_CHUNK_BYTES));

  if (n_now < 0)
    return errno == EAGAIN || errno == EINTR;
  one->n_written += (gsize) n_now;
  return one->n_written < n_bytes;
}

static gboolean
on_room (int fd, GIOCondition condition, gpointer user_data)
{
  Pipe *one = user_data;

  if ((condition & (G_IO_ERR | G_IO_HUP)) == 0 && write_chunk (one))
    return G_SOURCE_CONTINUE;

  one->watch_id = 0;
  g_ptr_array_remove_fast (one->pipes->all, one);
  return G_SOURCE_REMOVE;
}

static gboolean
on_wait_over (gpointer user_data)
{
  Pipe *one = user_data;

  one->wait_id = 0;
  g_info ("what was asked for is not read to its end, and let go of");
  g_ptr_array_remove_fast (one->pipes->all, one);
  return G_SOURCE_REMOVE;
}

static void
start (SighejPipes *self, int fd, GBytes *bytes)
{
  Pipe *one = g_new0 (Pipe, 1);

  one->pipes = self;
  one->bytes = g_bytes_ref (bytes);
  one->fd = fd;
  one->watch_id = g_unix_fd_add (fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, on_room, one);
  one->wait_id = sighej_clock_add (self->clock, PIPE_US, on_wait_over, one);
  g_ptr_array_add (self->all, one);
}

int
sighej_pipes_write (SighejPipes *self, GBytes *bytes, GError **error)
{
  int ends[2];

  if (self->all->len >= SIGHEJ_PIPES_MAX)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_UNAVAILABLE,
                   "%d are being read already; read them to their end first",
                   SIGHEJ_PIPES_MAX);
      return -1;
    }
  /* Only our end does not wait: that is a property of the end, not of the pipe. */
  if (pipe2 (ends, O_CLOEXEC) != 0 || !g_unix_set_fd_nonblocking (ends[WRITE_END], TRUE, NULL))
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "no descriptor is left for it");
      return -1;
    }

  start (self, ends[WRITE_END], bytes);
  return ends[READ_END];
}

guint
sighej_pipes_get_n (SighejPipes *self)
{
  return self->all->len;
}
