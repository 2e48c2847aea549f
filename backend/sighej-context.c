/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-context"

#include "config.h"

#include "sighej-context.h"

#include <glib-unix.h>

GMainContext *
sighej_context_push (void)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  return context;
}

void
sighej_context_watch_signal (GMainContext *context,
                             int signal_number,
                             GSourceFunc callback,
                             gpointer user_data)
{
  g_autoptr (GSource) source = g_unix_signal_source_new (signal_number);

  g_source_set_callback (source, callback, user_data, NULL);
  g_source_attach (source, context);
}
