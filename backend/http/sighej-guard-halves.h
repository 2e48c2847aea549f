/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The two halves of a guard stream that libsoup holds. They may outlive it, and then fail.
 *
 * The sources they make have no descriptor: epoll watches that all along, and GLib wakes itself
 * up for each descriptor that comes or goes.
 */

/**
 * SighejGuardFuncs:
 * @read: as g_pollable_input_stream_read_nonblocking()
 * @write: as g_pollable_output_stream_write_nonblocking()
 * @is_ready: whether read has something for libsoup without the socket becoming readable
 * @is_readable: the same, or epoll told that there is something
 * @is_writable: whether the socket takes something, or is gone
 * @get_socket: (nullable): lent
 * @end_answer: libsoup is done with a request
 *
 * What the halves ask of the stream they belong to.
 */
typedef struct
{
  gssize (*read) (gpointer guard, void *out, gsize n_bytes, GError **error);
  gssize (*write) (gpointer guard, const void *data, gsize n_bytes, GError **error);
  gboolean (*is_ready) (gpointer guard);
  gboolean (*is_readable) (gpointer guard);
  gboolean (*is_writable) (gpointer guard);
  GSocket *(*get_socket) (gpointer guard);
  void (*end_answer) (gpointer guard);
} SighejGuardFuncs;

/* @funcs: outlives both. @guard: not owned. (out) (transfer full) both */
void sighej_guard_halves_new (const SighejGuardFuncs *funcs,
                              gpointer guard,
                              GInputStream **input,
                              GOutputStream **output);

/* The guard stream is about to be gone. */
void sighej_guard_halves_forget (GInputStream *input, GOutputStream *output);

G_END_DECLS
