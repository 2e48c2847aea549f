/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include "sighej-backend.h"

#include <string.h>
#include <sys/resource.h>

#include <systemd/sd-daemon.h>

#include "sighej-ledger-sqlite.h"
#include "sighej-log.h"
#include "sighej-server.h"
#include "sighej-store-memory.h"
#include "sighej-store-meter.h"
#include "sighej-tls-front.h"

#define DESCRIPTORS_RESERVED 64
#define CONNECTIONS_MIN 8 /* however few descriptors there are */
#define STATE_FOLDER_MODE 0700
#define LEDGER_FILE "ledger.sqlite"
#define KEY_FILE "interest.key"
#define KEY_CREDENTIAL "interest-key"
#define ADMIN_NAME "admin"
#define TLS_NAME "tls"
#define POLL_US (20 * 1000) /* for the last answers, while stopping */

struct _SighejBackend
{
  GObject parent_instance;

  const SighejSettings *settings;
  SighejClock *clock;
  SighejGate *gate;
  SighejParts parts;
  SighejServer *server;
  SighejServer *admin_server;
  GPtrArray *listeners;
  GPtrArray *admin_listeners;
  GPtrArray *tls_listeners;
  SighejTlsFront *tls_front; /* (nullable): nobody listens with TLS */

  gboolean flushing;
  guint poll;
  guint deadline;
};

enum
{
  SIGNAL_STOPPED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejBackend, sighej_backend, G_TYPE_OBJECT)

/* ---- what may be run ---- */

static gboolean
refuse (GError **error, const char *format, const char *name)
{
  g_autoptr (GString) message = g_string_new (format);

  g_string_replace (message, "{}", name, 0);
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, message->str);
  return FALSE;
}

static gboolean
check_exposure (const SighejSettings *settings,
                gboolean is_admin,
                gboolean is_local,
                const char *name,
                GError **error)
{
  g_autoptr (SighejAdmin) admin = NULL;

  if (is_local)
    return TRUE;
  if (settings->auth_mode == SIGHEJ_AUTH_LEGACY)
    return refuse (error, "AuthMode=legacy listens on loopback only, not on {}", name);
  if (!settings->allow_plain)
    return refuse (error,
                   "{} is reachable from other machines without TLS; listen on loopback behind a "
                   "TLS proxy, or set AllowPlain=yes",
                   name);
  if (!is_admin)
    return TRUE;
  admin = sighej_admin_new (settings->admin_token_file, error);
  if (admin == NULL)
    return FALSE;
  if (sighej_admin_has_token (admin))
    return TRUE;
  return refuse (error,
                 "the operators' listener {} is reachable from other machines; set AdminTokenFile, "
                 "or listen on loopback",
                 name);
}

static gboolean
check_texts (const SighejSettings *settings,
             const char *const *texts,
             gboolean is_admin,
             GError **error)
{
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      gboolean local;

      if (!sighej_listener_check_text (texts[i], &local, error)
          || !check_exposure (settings, is_admin, local, texts[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_tls (const SighejSettings *settings, GError **error)
{
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autoptr (SighejTlsFront) front = NULL;

  if (settings->tls_listen[0] == NULL)
    return TRUE;
  if (settings->auth_mode == SIGHEJ_AUTH_LEGACY)
    return refuse (error, "AuthMode=legacy excludes {}", "TlsListen");
  for (gsize i = 0; settings->tls_listen[i] != NULL; i++)
    if (!sighej_listener_check_text (settings->tls_listen[i], NULL, error))
      return FALSE;
  front = sighej_tls_front_new (
      settings->tls_certificate_file, settings->tls_key_file, clock, NULL, NULL, error);
  return front != NULL;
}

gboolean
sighej_backend_check (const SighejSettings *settings, GError **error)
{
  g_autoptr (SighejAdmin) admin = NULL;
  g_autoptr (SighejPages) pages = NULL;

  if (settings->auth_mode == SIGHEJ_AUTH_LEGACY && !sighej_trust_is_empty (settings->trust))
    return refuse (error, "AuthMode=legacy excludes {}", "TrustedProxies");
  if (!check_texts (settings, settings->listen, FALSE, error)
      || !check_texts (settings, settings->admin_listen, TRUE, error)
      || !check_tls (settings, error))
    return FALSE;
  admin = sighej_admin_new (settings->admin_token_file, error);
  if (admin == NULL)
    return FALSE;
  pages = sighej_pages_new (
      settings->privacy_file, settings->terms_file, settings->minimum_age, error);
  return pages != NULL;
}

/* ---- parts ---- */

/* The credential, the file of the settings, or our own. (transfer full) */
static char *
choose_key_file (SighejBackend *self, const char *state_folder, gboolean *create)
{
  const char *credentials = g_getenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY);

  *create = FALSE;
  if (credentials != NULL)
    {
      g_autofree char *path = g_build_filename (credentials, KEY_CREDENTIAL, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  if (self->settings->key_file[0] != '\0')
    return g_strdup (self->settings->key_file);
  *create = TRUE;
  return g_build_filename (state_folder, KEY_FILE, NULL);
}

static gboolean
build_service (SighejBackend *self, GError **error)
{
  g_autofree char *folder = sighej_settings_dup_state_directory ((SighejSettings *) self->settings);
  g_autofree char *ledger_path = g_build_filename (folder, LEDGER_FILE, NULL);
  g_autofree char *key_path = NULL;
  g_autoptr (SighejVault) vault = NULL;
  g_autoptr (SighejLedger) ledger = NULL;
  g_autoptr (SighejStore) plain_store = NULL;
  g_autoptr (SighejStore) store = NULL;
  gboolean create;

  if (g_mkdir_with_parents (folder, STATE_FOLDER_MODE) != 0)
    return refuse (error, "cannot make the state folder {}; set StateDirectory", folder);
  key_path = choose_key_file (self, folder, &create);
  vault = sighej_vault_new_from_file (key_path, create, error);
  if (vault == NULL)
    return FALSE;
  ledger = sighej_ledger_sqlite_new (ledger_path, error);
  if (ledger == NULL)
    return FALSE;

  plain_store = sighej_store_memory_new (self->clock);
  store = sighej_store_meter_new (plain_store);
  self->parts.service = sighej_service_new (store,
                                            ledger,
                                            vault,
                                            self->parts.vocabulary,
                                            self->clock,
                                            self->settings->auth_mode,
                                            self->settings->match_policy,
                                            &self->settings->limits);
  self->parts.health = sighej_health_new (store, ledger, self->clock);
  return TRUE;
}

/* A connection that comes when no descriptor is left would starve the stores: stay below. */
static guint
limit_connections (guint wanted)
{
  struct rlimit limit;
  rlim_t room;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return wanted;
  room = limit.rlim_cur > DESCRIPTORS_RESERVED + CONNECTIONS_MIN
             ? limit.rlim_cur - DESCRIPTORS_RESERVED
             : CONNECTIONS_MIN;
  if (room < wanted)
    g_info (
        "at most %u connections: the descriptor limit is %u", (guint) room, (guint) limit.rlim_cur);
  return (guint) MIN (room, wanted);
}

static void
on_hub_socket_closed (SighejHub *hub, int fd, SighejBackend *self)
{
  g_hash_table_remove (self->parts.tickets, GINT_TO_POINTER (fd));
}

static void
on_hub_drained (SighejHub *hub, SighejBackend *self)
{
  g_debug ("all sockets are closed");
}

static gboolean
build_parts (SighejBackend *self, GError **error)
{
  const SighejSettings *settings = self->settings;
  SighejParts *parts = &self->parts;

  parts->vocabulary = g_object_ref (sighej_vocabulary_get_default ());
  parts->admin = sighej_admin_new (settings->admin_token_file, error);
  if (parts->admin == NULL)
    return FALSE;
  parts->pages = sighej_pages_new (
      settings->privacy_file, settings->terms_file, settings->minimum_age, error);
  if (parts->pages == NULL || !build_service (self, error))
    return FALSE;

  parts->hub = sighej_hub_new (parts->service, self->clock);
  g_signal_connect_object (parts->hub, "closed", G_CALLBACK (on_hub_socket_closed), self, 0);
  g_signal_connect_object (parts->hub, "drained", G_CALLBACK (on_hub_drained), self, 0);
  self->gate = sighej_gate_new (limit_connections (settings->connections_max),
                                settings->connections_per_address_max);
  self->server
      = sighej_server_new (SIGHEJ_SERVER_PUBLIC, settings, parts, self->gate, self->clock, error);
  if (self->server == NULL)
    return FALSE;
  self->admin_server
      = sighej_server_new (SIGHEJ_SERVER_ADMIN, settings, parts, self->gate, self->clock, error);
  return self->admin_server != NULL;
}

/* ---- listeners ---- */

static gboolean
open_listeners (const char *const *texts, GPtrArray *listeners, GError **error)
{
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      SighejListener *listener = sighej_listener_new_for_text (texts[i], error);

      if (listener == NULL)
        return FALSE;
      g_ptr_array_add (listeners, listener);
    }
  return TRUE;
}

static gboolean
inherit_listener (SighejBackend *self, int fd, const char *name, GError **error)
{
  gboolean is_admin = g_strcmp0 (name, ADMIN_NAME) == 0;
  SighejListener *listener = sighej_listener_new_for_fd (fd, error);

  if (listener == NULL)
    return FALSE;
  if (g_strcmp0 (name, TLS_NAME) == 0)
    {
      g_ptr_array_add (self->tls_listeners, listener);
      return TRUE;
    }
  g_ptr_array_add (is_admin ? self->admin_listeners : self->listeners, listener);
  return check_exposure (self->settings,
                         is_admin,
                         sighej_listener_is_local (listener),
                         sighej_listener_get_name (listener),
                         error);
}

/* Those of the service manager, as they are; they stand for the settings of their kind. */
static gboolean
inherit_listeners (SighejBackend *self, GError **error)
{
  g_auto (GStrv) names = NULL;
  int n = sd_listen_fds_with_names (1, &names);

  for (int i = 0; i < n; i++)
    if (!inherit_listener (self, SD_LISTEN_FDS_START + i, names[i], error))
      return FALSE;
  return TRUE;
}

static void
on_accepted (GSocket *socket, gpointer user_data)
{
  sighej_server_accept (SIGHEJ_SERVER (user_data), socket, NULL);
}

static void
on_accepted_tls (GSocket *socket, gpointer user_data)
{
  sighej_tls_front_accept (SIGHEJ_TLS_FRONT (user_data), socket);
}

static void
on_plain (GSocket *socket, GSocketAddress *remote, gpointer user_data)
{
  SighejBackend *self = user_data;

  if (self->server != NULL)
    sighej_server_accept (self->server, socket, remote);
}

static void
start_listeners (SighejBackend *self,
                 GPtrArray *listeners,
                 SighejListenerAccepted accepted,
                 gpointer user_data)
{
  for (guint i = 0; i < listeners->len; i++)
    sighej_listener_start (listeners->pdata[i], self->clock, accepted, user_data);
}

static gboolean
start_tls (SighejBackend *self, GError **error)
{
  const SighejSettings *settings = self->settings;

  if (self->tls_listeners->len == 0)
    return TRUE;
  self->tls_front = sighej_tls_front_new (
      settings->tls_certificate_file, settings->tls_key_file, self->clock, on_plain, self, error);
  if (self->tls_front == NULL)
    return FALSE;
  start_listeners (self, self->tls_listeners, on_accepted_tls, self->tls_front);
  return TRUE;
}

static gboolean
build_listeners (SighejBackend *self, GError **error)
{
  if (!inherit_listeners (self, error))
    return FALSE;
  if (self->listeners->len == 0 && self->tls_listeners->len == 0
      && (!open_listeners (self->settings->listen, self->listeners, error)
          || !open_listeners (self->settings->tls_listen, self->tls_listeners, error)))
    return FALSE;
  if (self->admin_listeners->len == 0
      && !open_listeners (self->settings->admin_listen, self->admin_listeners, error))
    return FALSE;
  if (self->listeners->len == 0 && self->tls_listeners->len == 0)
    return refuse (error, "{} is empty; name at least one address", "Listen");

  start_listeners (self, self->listeners, on_accepted, self->server);
  start_listeners (self, self->admin_listeners, on_accepted, self->admin_server);
  return start_tls (self, error);
}

SighejBackend *
sighej_backend_new (const SighejSettings *settings, SighejClock *clock, GError **error)
{
  g_autoptr (SighejBackend) self = g_object_new (SIGHEJ_TYPE_BACKEND, NULL);

  self->settings = settings;
  self->clock = g_object_ref (clock);
  if (!sighej_backend_check (settings, error) || !build_parts (self, error)
      || !build_listeners (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

GPtrArray *
sighej_backend_get_listeners (SighejBackend *self)
{
  return self->listeners;
}

GPtrArray *
sighej_backend_get_tls_listeners (SighejBackend *self)
{
  return self->tls_listeners;
}

GPtrArray *
sighej_backend_get_admin_listeners (SighejBackend *self)
{
  return self->admin_listeners;
}

/* ---- stopping ---- */

static void
stop_listeners (GPtrArray *listeners)
{
  for (guint i = 0; i < listeners->len; i++)
    sighej_listener_stop (listeners->pdata[i]);
}

static void
finish_stop (SighejBackend *self)
{
  sighej_clock_clear (self->clock, &self->deadline);
  sighej_clock_clear (self->clock, &self->poll);
  g_signal_emit (self, signals[SIGNAL_STOPPED], 0);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejBackend) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!sighej_service_flush_finish (SIGHEJ_SERVICE (source), result, &error))
    g_message ("the last counts are lost: %s", error->message);
  if (self->deadline != 0)
    finish_stop (self);
}

static void
flush (SighejBackend *self)
{
  if (self->flushing)
    return;
  self->flushing = TRUE;
  sighej_service_flush_async (self->parts.service, on_flushed, g_object_ref (self));
}

/* All that was asked is answered, and what was answered has left through TLS too. */
static gboolean
is_quiet (SighejBackend *self)
{
  if (self->parts.n_requests > 0 || sighej_hub_get_n_sockets (self->parts.hub) > 0)
    return FALSE;
  sighej_server_close (self->server);
  sighej_server_close (self->admin_server);
  return self->tls_front == NULL || sighej_tls_front_get_n (self->tls_front) == 0;
}

static gboolean
on_poll (gpointer user_data)
{
  SighejBackend *self = user_data;

  self->poll = 0;
  if (is_quiet (self))
    flush (self);
  else
    self->poll = sighej_clock_add (self->clock, POLL_US, on_poll, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_stop_deadline (gpointer user_data)
{
  SighejBackend *self = user_data;

  self->deadline = 0;
  g_message ("not everything could be finished in %d s", SIGHEJ_BACKEND_STOP_SECONDS);
  finish_stop (self);
  return G_SOURCE_REMOVE;
}

void
sighej_backend_stop (SighejBackend *self)
{
  if (self->parts.draining)
    return;
  self->parts.draining = TRUE;
  self->deadline = sighej_clock_add (
      self->clock, SIGHEJ_BACKEND_STOP_SECONDS * G_USEC_PER_SEC, on_stop_deadline, self);
  stop_listeners (self->listeners);
  stop_listeners (self->admin_listeners);
  stop_listeners (self->tls_listeners);
  sighej_hub_drain (self->parts.hub);
  self->poll = sighej_clock_add (self->clock, 0, on_poll, self);
}

/* ---- life ---- */

static void
sighej_backend_dispose (GObject *object)
{
  SighejBackend *self = SIGHEJ_BACKEND (object);

  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->deadline);
      sighej_clock_clear (self->clock, &self->poll);
    }
  stop_listeners (self->listeners);
  stop_listeners (self->admin_listeners);
  stop_listeners (self->tls_listeners);
  g_clear_object (&self->tls_front);
  g_clear_object (&self->server);
  g_clear_object (&self->admin_server);
  g_clear_object (&self->parts.hub);
  g_clear_object (&self->parts.health);
  g_clear_object (&self->parts.service);
  g_clear_object (&self->parts.vocabulary);

  G_OBJECT_CLASS (sighej_backend_parent_class)->dispose (object);
}

static void
sighej_backend_finalize (GObject *object)
{
  SighejBackend *self = SIGHEJ_BACKEND (object);

  g_clear_pointer (&self->parts.tickets, g_hash_table_unref);
  g_clear_pointer (&self->parts.admin, sighej_admin_free);
  g_clear_pointer (&self->parts.pages, sighej_pages_free);
  g_clear_pointer (&self->gate, sighej_gate_unref);
  g_ptr_array_unref (self->listeners);
  g_ptr_array_unref (self->admin_listeners);
  g_ptr_array_unref (self->tls_listeners);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_backend_parent_class)->finalize (object);
}

static void
sighej_backend_class_init (SighejBackendClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_backend_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_backend_finalize;

  signals[SIGNAL_STOPPED] = g_signal_new (
      "stopped", SIGHEJ_TYPE_BACKEND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_backend_init (SighejBackend *self)
{
  self->listeners = g_ptr_array_new_with_free_func (g_object_unref);
  self->admin_listeners = g_ptr_array_new_with_free_func (g_object_unref);
  self->tls_listeners = g_ptr_array_new_with_free_func (g_object_unref);
  self->parts.tickets
      = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) sighej_ticket_free);
}
