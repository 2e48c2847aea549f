/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include "sighej-sockets.h"

#include <stdio.h>

#include <systemd/sd-daemon.h>

#include "sighej-exposure.h"

struct _SighejSockets
{
  GPtrArray *listeners[SIGHEJ_SOCKET_N_KINDS]; /* (element-type SighejListener) */
};

static const struct
{
  const char *name; /* among descriptors */
  const char *words;
} kinds[] = {
  [SIGHEJ_SOCKET_PUBLIC] = { "public", "listening on" },
  [SIGHEJ_SOCKET_TLS] = { "tls", "tls listening on" },
  [SIGHEJ_SOCKET_ADMIN] = { "admin", "admin listening on" },
};

static SighejSockets *
sockets_new (void)
{
  SighejSockets *self = g_new0 (SighejSockets, 1);

  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    self->listeners[kind] = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
sighej_sockets_free (SighejSockets *self)
{
  sighej_sockets_stop (self);
  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    g_ptr_array_unref (self->listeners[kind]);
  g_free (self);
}

GPtrArray *
sighej_sockets_get (SighejSockets *self, SighejSocketKind kind)
{
  return self->listeners[kind];
}

/* ---- where they come from ---- */

/* Any other name is for people. */
static SighejSocketKind
kind_of (const char *name)
{
  for (guint kind = SIGHEJ_SOCKET_TLS; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    if (g_strcmp0 (name, kinds[kind].name) == 0)
      return (SighejSocketKind) kind;
  return SIGHEJ_SOCKET_PUBLIC;
}

static SighejListener *
add_fd (SighejSockets *self, SighejSocketKind kind, int fd, GError **error)
{
  SighejListener *listener = sighej_listener_new_for_fd (fd, error);

  if (listener != NULL)
    g_ptr_array_add (self->listeners[kind], listener);
  return listener;
}

/* Those of the service manager, as they are. */
static gboolean
inherit (SighejSockets *self, const SighejSettings *settings, GError **error)
{
  g_auto (GStrv) names = NULL;
  int n = sd_listen_fds_with_names (1, &names);

  for (int i = 0; i < n; i++)
    {
      SighejSocketKind kind = kind_of (names[i]);
      SighejListener *listener = add_fd (self, kind, SD_LISTEN_FDS_START + i, error);

      if (listener == NULL
          || !sighej_exposure_check (settings,
                                     kind,
                                     sighej_listener_is_local (listener),
                                     sighej_listener_get_name (listener),
                                     error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
open_texts (SighejSockets *self, SighejSocketKind kind, const char *const *texts, GError **error)
{
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      SighejListener *listener = sighej_listener_new_for_text (texts[i], error);

      if (listener == NULL)
        return FALSE;
      g_ptr_array_add (self->listeners[kind], listener);
    }
  return TRUE;
}

static gboolean
has_none_for_people (SighejSockets *self)
{
  return self->listeners[SIGHEJ_SOCKET_PUBLIC]->len == 0
         && self->listeners[SIGHEJ_SOCKET_TLS]->len == 0;
}

SighejSockets *
sighej_sockets_open (const SighejSettings *settings, GError **error)
{
  g_autoptr (SighejSockets) self = sockets_new ();

  if (!inherit (self, settings, error))
    return NULL;
  if (has_none_for_people (self)
      && (!open_texts (self, SIGHEJ_SOCKET_PUBLIC, settings->listen, error)
          || !open_texts (self, SIGHEJ_SOCKET_TLS, settings->tls_listen, error)))
    return NULL;
  if (self->listeners[SIGHEJ_SOCKET_ADMIN]->len == 0
      && !open_texts (self, SIGHEJ_SOCKET_ADMIN, settings->admin_listen, error))
    return NULL;
  if (!has_none_for_people (self))
    return g_steal_pointer (&self);
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "Listen is empty; name at least one address");
  return NULL;
}

SighejSockets *
sighej_sockets_take (GError **error)
{
  g_autoptr (SighejSockets) self = sockets_new ();
  int fd;

  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    while ((fd = sighej_handoff_take (kinds[kind].name)) >= 0)
      if (add_fd (self, (SighejSocketKind) kind, fd, error) == NULL)
        return NULL;
  return g_steal_pointer (&self);
}

/* ---- what is done with them ---- */

void
sighej_sockets_hand_on (SighejSockets *self, SighejHandoff *handoff)
{
  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    for (guint i = 0; i < self->listeners[kind]->len; i++)
      sighej_handoff_add (
          handoff, kinds[kind].name, sighej_listener_get_fd (self->listeners[kind]->pdata[i]));
}

SighejListener *
sighej_sockets_get_probe (SighejSockets *self)
{
  if (self->listeners[SIGHEJ_SOCKET_PUBLIC]->len > 0)
    return self->listeners[SIGHEJ_SOCKET_PUBLIC]->pdata[0];
  if (self->listeners[SIGHEJ_SOCKET_ADMIN]->len > 0)
    return self->listeners[SIGHEJ_SOCKET_ADMIN]->pdata[0];
  return NULL;
}

gboolean
sighej_sockets_start (SighejSockets *self,
                      SighejSocketKind kind,
                      SighejClock *clock,
                      SighejListenerAccepted accepted,
                      gpointer user_data,
                      GError **error)
{
  GPtrArray *listeners = self->listeners[kind];

  for (guint i = 0; i < listeners->len; i++)
    if (!sighej_listener_start (listeners->pdata[i], clock, accepted, user_data, error))
      return FALSE;
  return TRUE;
}

static void
for_each (SighejSockets *self, void (*call) (SighejListener *listener))
{
  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    for (guint i = 0; i < self->listeners[kind]->len; i++)
      call (self->listeners[kind]->pdata[i]);
}

void
sighej_sockets_refuse (SighejSockets *self)
{
  for_each (self, sighej_listener_refuse);
}

void
sighej_sockets_finish (SighejSockets *self)
{
  for_each (self, sighej_listener_finish);
}

gboolean
sighej_sockets_is_open (SighejSockets *self)
{
  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    for (guint i = 0; i < self->listeners[kind]->len; i++)
      if (sighej_listener_is_open (self->listeners[kind]->pdata[i]))
        return TRUE;
  return FALSE;
}

void
sighej_sockets_stop (SighejSockets *self)
{
  for_each (self, sighej_listener_stop);
}

void
sighej_sockets_print (SighejSockets *self)
{
  for (guint kind = 0; kind < SIGHEJ_SOCKET_N_KINDS; kind++)
    for (guint i = 0; i < self->listeners[kind]->len; i++)
      g_print (
          "%s %s\n", kinds[kind].words, sighej_listener_get_name (self->listeners[kind]->pdata[i]));
  fflush (stdout);
}
