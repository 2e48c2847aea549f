/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-guard-stream"

#include "config.h"

#include "sighej-guard-halves.h"

#define SIGHEJ_TYPE_GUARD_INPUT (sighej_guard_input_get_type ())
G_DECLARE_FINAL_TYPE (SighejGuardInput, sighej_guard_input, SIGHEJ, GUARD_INPUT, GInputStream)
#define SIGHEJ_TYPE_GUARD_OUTPUT (sighej_guard_output_get_type ())
G_DECLARE_FINAL_TYPE (SighejGuardOutput, sighej_guard_output, SIGHEJ, GUARD_OUTPUT, GOutputStream)

struct _SighejGuardInput
{
  GInputStream parent_instance;
  const SighejGuardFuncs *funcs;
  gpointer guard; /* not owned; NULL when it is gone */
};

struct _SighejGuardOutput
{
  GOutputStream parent_instance;
  const SighejGuardFuncs *funcs;
  gpointer guard; /* not owned; NULL when it is gone */
};

static void guard_input_pollable_init (GPollableInputStreamInterface *iface);
static void guard_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejGuardInput,
                               sighej_guard_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      guard_input_pollable_init))
G_DEFINE_FINAL_TYPE_WITH_CODE (SighejGuardOutput,
                               sighej_guard_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      guard_output_pollable_init))

static gboolean
fail_gone (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection is gone");
  return FALSE;
}

static gssize
sighej_guard_input_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (stream);

  if (self->guard == NULL)
    return fail_gone (error) ? 0 : -1;
  return self->funcs->read (self->guard, buffer, count, error);
}

static gssize
sighej_guard_input_read_nonblocking (GPollableInputStream *stream,
                                     void *buffer,
                                     gsize count,
                                     GError **error)
{
  return sighej_guard_input_read (G_INPUT_STREAM (stream), buffer, count, NULL, error);
}

/* Without a descriptor. Readiness changes in the loop's own thread only, so it is enough to look
 * before each wait. */
typedef struct
{
  GSource parent;
  GObject *half;
  gboolean (*is_ready) (GObject *half);
} GuardSource;

static gboolean
guard_source_prepare (GSource *source, int *timeout_ms)
{
  GuardSource *self = (GuardSource *) source;

  *timeout_ms = -1;
  return self->is_ready (self->half);
}

static gboolean
guard_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
guard_source_finalize (GSource *source)
{
  g_object_unref (((GuardSource *) source)->half);
}

static GSourceFuncs guard_source_funcs = {
  .prepare = guard_source_prepare,
  .dispatch = guard_source_dispatch,
  .finalize = guard_source_finalize,
};

/* (transfer full) */
static GSource *
guard_source_new (gpointer half, gboolean (*is_ready) (GObject *half))
{
  g_autoptr (GSource) child = g_source_new (&guard_source_funcs, sizeof (GuardSource));
  GuardSource *self = (GuardSource *) child;
  GSource *source = g_pollable_source_new (half);

  self->half = g_object_ref (half);
  self->is_ready = is_ready;
  g_source_add_child_source (source, child);
  return source;
}

static gboolean
input_is_ready (GObject *half)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (half);

  return self->guard == NULL || self->funcs->is_readable (self->guard);
}

static gboolean
output_is_ready (GObject *half)
{
  SighejGuardOutput *self = SIGHEJ_GUARD_OUTPUT (half);

  return self->guard == NULL || self->funcs->is_writable (self->guard);
}

static gboolean
sighej_guard_input_is_readable (GPollableInputStream *stream)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (stream);

  if (self->guard == NULL || self->funcs->is_ready (self->guard))
    return TRUE;
  return g_socket_condition_check (self->funcs->get_socket (self->guard), G_IO_IN) != 0;
}

static GSource *
sighej_guard_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (stream);

  /* libsoup waits for the next request only when it is done with the last. */
  if (self->guard != NULL)
    self->funcs->end_answer (self->guard);
  return guard_source_new (stream, input_is_ready);
}

static void
guard_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = sighej_guard_input_is_readable;
  iface->create_source = sighej_guard_input_create_source;
  iface->read_nonblocking = sighej_guard_input_read_nonblocking;
}

static void
sighej_guard_input_init (SighejGuardInput *self)
{
}

static void
sighej_guard_input_class_init (SighejGuardInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = sighej_guard_input_read;
}

static gssize
sighej_guard_output_write (GOutputStream *stream,
                           const void *buffer,
                           gsize count,
                           GCancellable *cancellable,
                           GError **error)
{
  SighejGuardOutput *self = SIGHEJ_GUARD_OUTPUT (stream);

  if (self->guard == NULL)
    return fail_gone (error) ? 0 : -1;
  return self->funcs->write (self->guard, buffer, count, error);
}

static GPollableReturn
sighej_guard_output_writev_nonblocking (GPollableOutputStream *stream,
                                        const GOutputVector *vectors,
                                        gsize n_vectors,
                                        gsize *bytes_written,
                                        GError **error)
{
  g_autoptr (GError) failure = NULL;
  gssize n = sighej_guard_output_write (
      G_OUTPUT_STREAM (stream), vectors[0].buffer, vectors[0].size, NULL, &failure);

  *bytes_written = n < 0 ? 0 : (gsize) n;
  if (n >= 0)
    return G_POLLABLE_RETURN_OK;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_POLLABLE_RETURN_WOULD_BLOCK;
  g_propagate_error (error, g_steal_pointer (&failure));
  return G_POLLABLE_RETURN_FAILED;
}

static gssize
sighej_guard_output_write_nonblocking (GPollableOutputStream *stream,
                                       const void *buffer,
                                       gsize count,
                                       GError **error)
{
  return sighej_guard_output_write (G_OUTPUT_STREAM (stream), buffer, count, NULL, error);
}

static gboolean
sighej_guard_output_is_writable (GPollableOutputStream *stream)
{
  SighejGuardOutput *self = SIGHEJ_GUARD_OUTPUT (stream);

  return self->guard == NULL || self->funcs->get_socket (self->guard) == NULL
         || g_socket_condition_check (self->funcs->get_socket (self->guard), G_IO_OUT) != 0;
}

static GSource *
sighej_guard_output_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  return guard_source_new (stream, output_is_ready);
}

static void
guard_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = sighej_guard_output_is_writable;
  iface->create_source = sighej_guard_output_create_source;
  iface->write_nonblocking = sighej_guard_output_write_nonblocking;
  iface->writev_nonblocking = sighej_guard_output_writev_nonblocking;
}

static void
sighej_guard_output_init (SighejGuardOutput *self)
{
}

static void
sighej_guard_output_class_init (SighejGuardOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = sighej_guard_output_write;
}

/* ---- both ---- */

void
sighej_guard_halves_new (const SighejGuardFuncs *funcs,
                         gpointer guard,
                         GInputStream **input,
                         GOutputStream **output)
{
  SighejGuardInput *in = g_object_new (SIGHEJ_TYPE_GUARD_INPUT, NULL);
  SighejGuardOutput *out = g_object_new (SIGHEJ_TYPE_GUARD_OUTPUT, NULL);

  in->funcs = out->funcs = funcs;
  in->guard = out->guard = guard;
  *input = G_INPUT_STREAM (in);
  *output = G_OUTPUT_STREAM (out);
}

void
sighej_guard_halves_forget (GInputStream *input, GOutputStream *output)
{
  SIGHEJ_GUARD_INPUT (input)->guard = NULL;
  SIGHEJ_GUARD_OUTPUT (output)->guard = NULL;
}
