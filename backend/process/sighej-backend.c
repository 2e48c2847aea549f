/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include "sighej-backend.h"

#include <string.h>
#include <sys/resource.h>

#include "sighej-exposure.h"
#include "sighej-log.h"
#include "sighej-otlp.h"
#include "sighej-server.h"
#include "sighej-store-meter.h"
#include "sighej-stores.h"
#include "sighej-tls-front.h"

#define DESCRIPTORS_RESERVED 64
#define CONNECTIONS_MIN 8 /* however few descriptors there are */
#define STATE_FOLDER_MODE 0700
#define RETRY_US (10 * 1000)         /* for the store, while starting */
#define POLL_US (20 * 1000)          /* for the last answers, while stopping */
#define BUSY_US (2 * G_USEC_PER_SEC) /* for requests that are on their way, while stopping */

struct _SighejBackend
{
  GObject parent_instance;

  SighejSettings *settings; /* not owned, as the sockets */
  SighejSockets *sockets;
  SighejClock *clock;
  SighejGate *gate;
  SighejStore *store;
  SighejMeetings *meetings;
  SighejParts parts;
  SighejServer *server;
  SighejServer *admin_server;
  SighejOtlp *otlp;          /* (nullable) */
  SighejTlsFront *tls_front; /* (nullable): nobody listens with TLS */

  GTask *starting; /* (nullable): waits for the store */
  gint64 starting_us;
  guint retry;

  gboolean flushing;
  guint poll;
  gint64 stopping_us; /* since when */
  guint deadline;
};

enum
{
  SIGNAL_STOPPED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejBackend, sighej_backend, G_TYPE_OBJECT)

static void on_store_answered (const GError *error, gpointer user_data);

/* ---- what may be run ---- */

/* The files the settings name, read to see that they can be; later, to be used. */
typedef struct
{
  SighejAdmin *admin;
  SighejPages *pages;
} Files;

static void
files_clear (Files *files)
{
  g_clear_pointer (&files->admin, sighej_admin_free);
  g_clear_pointer (&files->pages, sighej_pages_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

static gboolean
blame_page (const SighejSettings *settings, GError **error)
{
  const char *privacy = settings->privacy_file;
  gboolean is_privacy
      = error != NULL && privacy[0] != '\0' && strstr ((*error)->message, privacy) != NULL;

  return sighej_settings_blame (settings, is_privacy ? "PrivacyFile" : "TermsFile", error);
}

static gboolean
read_files (const SighejSettings *settings, Files *files, GError **error)
{
  files->admin = sighej_admin_new (settings->admin_token_file, error);
  if (files->admin == NULL)
    return sighej_settings_blame (settings, "AdminTokenFile", error);
  files->pages = sighej_pages_new (
      settings->privacy_file, settings->terms_file, settings->minimum_age, error);
  return files->pages != NULL || blame_page (settings, error);
}

static gboolean
check_tls (const SighejSettings *settings, GError **error)
{
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autoptr (SighejTlsFront) front = NULL;

  if (settings->tls_listen[0] == NULL)
    return TRUE;
  front = sighej_tls_front_new (
      settings->tls_certificate_file, settings->tls_key_file, clock, NULL, NULL, error);
  return front != NULL || sighej_settings_blame (settings, "TlsListen", error);
}

static gboolean
check_workers (const SighejSettings *settings, GError **error)
{
  if (settings->workers <= 1 || sighej_settings_has_redis (settings))
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "%u processes cannot share sessions in memory; set RedisUrl, or Workers=1",
               settings->workers);
  return sighej_settings_blame (settings, "Workers", error);
}

/* One of our own is made when it is needed. */
static gboolean
check_key (const SighejSettings *settings, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (SighejVault) vault = NULL;
  gboolean create;

  path = sighej_stores_dup_key_file (settings, "", &create, error);
  if (path == NULL)
    return FALSE;
  if (create)
    return TRUE;
  vault = sighej_vault_new_from_file (path, FALSE, error);
  return vault != NULL || sighej_settings_blame (settings, "InterestKeyFile", error);
}

gboolean
sighej_backend_check (const SighejSettings *settings, GError **error)
{
  g_auto (Files) files = { NULL };

  return sighej_exposure_check_settings (settings, error) && check_workers (settings, error)
         && check_tls (settings, error) && check_key (settings, error)
         && read_files (settings, &files, error);
}

/* ---- parts ---- */

static gboolean
build_service (SighejBackend *self, GError **error)
{
  g_autofree char *folder = sighej_settings_dup_state_directory (self->settings);
  g_autofree char *key_path = NULL;
  g_autoptr (SighejVault) vault = NULL;
  g_autoptr (SighejLedger) ledger = NULL;
  g_autoptr (SighejSqlThread) thread = NULL;
  g_autoptr (SighejStore) plain_store = NULL;
  gboolean create;

  if (g_mkdir_with_parents (folder, STATE_FOLDER_MODE) != 0)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_CONFIG,
                   "cannot make the state folder %s; set StateDirectory",
                   folder);
      return FALSE;
    }
  key_path = sighej_stores_dup_key_file (self->settings, folder, &create, error);
  if (key_path == NULL)
    return FALSE;
  vault = sighej_vault_new_from_file (key_path, create, error);
  if (vault == NULL)
    return FALSE;
  ledger = sighej_stores_new_ledger (self->settings, folder, self->clock, &thread, error);
  if (ledger == NULL)
    return FALSE;

  plain_store = sighej_stores_new_store (self->settings, vault, self->clock, error);
  if (plain_store == NULL)
    return FALSE;
  self->store = sighej_store_meter_new (plain_store);
  self->parts.service = sighej_service_new (self->store,
                                            ledger,
                                            vault,
                                            self->parts.vocabulary,
                                            self->clock,
                                            self->settings->auth_mode,
                                            self->settings->match_policy,
                                            &self->settings->limits);
  self->meetings = sighej_meetings_new (self->store, vault, self->clock);
  self->parts.health = sighej_health_new (self->store, ledger, self->clock);
  self->parts.idempotency = sighej_idempotency_new (self->store, vault, self->clock);
  self->parts.casebook = sighej_casebook_new (
      thread, self->store, vault, self->clock, self->settings->reports_per_hour);
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

static void
on_span_ended (SighejSpan *span, gpointer user_data)
{
  sighej_otlp_add (SIGHEJ_OTLP (user_data), span);
}

static void
start_tracing (SighejBackend *self)
{
  if (self->settings->otlp_endpoint[0] == '\0')
    return;
  self->otlp = sighej_otlp_new (self->settings->otlp_endpoint, self->clock);
  sighej_span_set_sink (on_span_ended, self->otlp, self->settings->trace_sample_percent);
}

static gboolean
build_parts (SighejBackend *self, GError **error)
{
  const SighejSettings *settings = self->settings;
  SighejParts *parts = &self->parts;
  g_auto (Files) files = { NULL };

  parts->vocabulary = g_object_ref (sighej_vocabulary_get_default ());
  start_tracing (self);
  if (!read_files (settings, &files, error) || !build_service (self, error))
    return FALSE;
  parts->admin = g_steal_pointer (&files.admin);
  parts->pages = g_steal_pointer (&files.pages);

  parts->hub = sighej_hub_new (parts->service, self->meetings, self->clock);
  g_signal_connect_object (parts->hub, "closed", G_CALLBACK (on_hub_socket_closed), self, 0);
  g_signal_connect_object (parts->hub, "drained", G_CALLBACK (on_hub_drained), self, 0);
  self->gate = sighej_gate_new (limit_connections (settings->connections_max),
                                settings->connections_per_address_max);
  self->server = sighej_server_new (
      SIGHEJ_SERVER_PUBLIC, &settings->server, parts, self->gate, self->clock, error);
  if (self->server == NULL)
    return FALSE;
  self->admin_server = sighej_server_new (
      SIGHEJ_SERVER_ADMIN, &settings->server, parts, self->gate, self->clock, error);
  return self->admin_server != NULL;
}

/* ---- connections ---- */

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

static gboolean
start_tls (SighejBackend *self, GError **error)
{
  const SighejSettings *settings = self->settings;

  if (sighej_sockets_get (self->sockets, SIGHEJ_SOCKET_TLS)->len == 0)
    return TRUE;
  self->tls_front = sighej_tls_front_new (
      settings->tls_certificate_file, settings->tls_key_file, self->clock, on_plain, self, error);
  return self->tls_front != NULL
         && sighej_sockets_start (self->sockets,
                                  SIGHEJ_SOCKET_TLS,
                                  self->clock,
                                  on_accepted_tls,
                                  self->tls_front,
                                  error);
}

static gboolean
start_sockets (SighejBackend *self, GError **error)
{
  SighejSockets *sockets = self->sockets;

  return sighej_sockets_start (
             sockets, SIGHEJ_SOCKET_PUBLIC, self->clock, on_accepted, self->server, error)
         && sighej_sockets_start (
             sockets, SIGHEJ_SOCKET_ADMIN, self->clock, on_accepted, self->admin_server, error)
         && start_tls (self, error);
}

SighejBackend *
sighej_backend_new (SighejSettings *settings,
                    SighejSockets *sockets,
                    SighejClock *clock,
                    GError **error)
{
  g_autoptr (SighejBackend) self = g_object_new (SIGHEJ_TYPE_BACKEND, NULL);

  self->settings = settings;
  self->sockets = sockets;
  self->clock = g_object_ref (clock);
  if (!sighej_backend_check (settings, error) || !build_parts (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* ---- beginning to serve ---- */

static void
finish_start (SighejBackend *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->starting);
  GError *error = NULL;

  if (start_sockets (self, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
on_retry (gpointer user_data)
{
  SighejBackend *self = user_data;

  self->retry = 0;
  sighej_store_ping (self->store, on_store_answered, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
on_store_answered (const GError *error, gpointer user_data)
{
  g_autoptr (SighejBackend) self = user_data;
  gint64 waited_us = sighej_clock_now_us (self->clock) - self->starting_us;

  if (self->starting == NULL)
    return;
  if (error != NULL && waited_us < SIGHEJ_BACKEND_START_SECONDS * G_USEC_PER_SEC)
    {
      self->retry = sighej_clock_add (self->clock, RETRY_US, on_retry, self);
      return;
    }
  if (error != NULL)
    g_message ("the store does not answer, so requests are refused until it does: %s",
               error->message);
  finish_start (self);
}

void
sighej_backend_start_async (SighejBackend *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->starting == NULL);

  self->starting = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->starting, sighej_backend_start_async);
  self->starting_us = sighej_clock_now_us (self->clock);
  sighej_store_ping (self->store, on_store_answered, g_object_ref (self));
}

gboolean
sighej_backend_start_finish (SighejBackend *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
give_up_starting (SighejBackend *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->starting);

  sighej_clock_clear (self->clock, &self->retry);
  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "told to stop");
}

/* ---- other settings ---- */

static gboolean
reload_tls (SighejBackend *self, const SighejSettings *fresh, GError **error)
{
  return self->tls_front == NULL
         || sighej_tls_front_reload (
             self->tls_front, fresh->tls_certificate_file, fresh->tls_key_file, error)
         || sighej_settings_blame (fresh, "TlsCertificateFile", error);
}

gboolean
sighej_backend_reload (SighejBackend *self, SighejSettings *fresh, GError **error)
{
  SighejSettings *settings = self->settings;
  g_auto (Files) files = { NULL };

  if (!sighej_exposure_check_settings (fresh, error) || !read_files (fresh, &files, error)
      || !reload_tls (self, fresh, error))
    return FALSE;

  /* Nothing fails from here on. */
  sighej_settings_swap (settings, fresh);
  sighej_admin_free (self->parts.admin);
  self->parts.admin = g_steal_pointer (&files.admin);
  sighej_pages_free (self->parts.pages);
  self->parts.pages = g_steal_pointer (&files.pages);
  sighej_service_set_limits (self->parts.service, settings->match_policy, &settings->limits);
  sighej_casebook_set_limit (self->parts.casebook, settings->reports_per_hour);
  sighej_gate_set_limits (self->gate,
                          limit_connections (settings->connections_max),
                          settings->connections_per_address_max);
  return TRUE;
}

guint
sighej_backend_get_n_sockets (SighejBackend *self)
{
  return sighej_hub_get_n_sockets (self->parts.hub);
}

/* ---- stopping ---- */

static void
finish_stop (SighejBackend *self)
{
  sighej_clock_clear (self->clock, &self->deadline);
  sighej_clock_clear (self->clock, &self->poll);
  g_signal_emit (self, signals[SIGNAL_STOPPED], 0);
}

static void
on_traces_sent (gpointer user_data)
{
  SighejBackend *self = user_data;

  if (self->deadline != 0)
    finish_stop (self);
}

static void
on_reports_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejBackend) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!sighej_casebook_finish_finish (SIGHEJ_CASEBOOK (source), result, &error))
    g_message ("the last reports are lost: %s", error->message);
  if (self->deadline == 0)
    return;
  if (self->otlp != NULL)
    sighej_otlp_stop (self->otlp, on_traces_sent, self);
  else
    finish_stop (self);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejBackend) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!sighej_service_flush_finish (SIGHEJ_SERVICE (source), result, &error))
    g_message ("the last counts are lost: %s", error->message);
  sighej_casebook_finish_async (self->parts.casebook, on_reports_written, g_object_ref (self));
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
  gint64 since_us = sighej_clock_now_us (self->clock) - self->stopping_us;

  if (sighej_sockets_is_open (self->sockets) || self->parts.n_requests > 0
      || sighej_hub_get_n_sockets (self->parts.hub) > 0)
    return FALSE;
  if (sighej_gate_get_n_busy (self->gate) > 0 && since_us < BUSY_US)
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
  give_up_starting (self);
  self->deadline = sighej_clock_add (
      self->clock, SIGHEJ_BACKEND_STOP_SECONDS * G_USEC_PER_SEC, on_stop_deadline, self);
  sighej_sockets_finish (self->sockets);
  sighej_hub_drain (self->parts.hub);
  self->stopping_us = sighej_clock_now_us (self->clock);
  self->poll = sighej_clock_add (self->clock, POLL_US, on_poll, self);
}

/* ---- life ---- */

static void
sighej_backend_dispose (GObject *object)
{
  SighejBackend *self = SIGHEJ_BACKEND (object);

  if (self->clock != NULL)
    {
      give_up_starting (self);
      sighej_clock_clear (self->clock, &self->deadline);
      sighej_clock_clear (self->clock, &self->poll);
    }
  if (self->sockets != NULL)
    sighej_sockets_stop (self->sockets);
  g_clear_object (&self->tls_front);
  g_clear_object (&self->server);
  g_clear_object (&self->admin_server);
  g_clear_object (&self->parts.hub);
  if (self->otlp != NULL)
    sighej_span_set_sink (NULL, NULL, 0);
  g_clear_object (&self->otlp);
  g_clear_object (&self->parts.health);
  g_clear_pointer (&self->parts.idempotency, sighej_idempotency_unref);
  g_clear_object (&self->parts.casebook);
  g_clear_object (&self->parts.service);
  g_clear_object (&self->parts.vocabulary);
  g_clear_object (&self->meetings);
  g_clear_object (&self->store);

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
  self->parts.tickets
      = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) sighej_ticket_free);
}
