/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-tls-front"

#include "config.h"

#include "sighej-tls-front.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "sighej-credential.h"
#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-relay.h"

#define CREDENTIAL_CERTIFICATE "tls-certificate"
#define CREDENTIAL_KEY "tls-key"

struct _SighejTlsFront
{
  GObject parent_instance;

  SighejClock *clock;
  SighejTlsFrontReady ready;
  gpointer user_data;
  GTlsCertificate *certificate;
  GCancellable *stopped;
  guint n_handshakes;
  guint n_relays;
};

G_DEFINE_FINAL_TYPE (SighejTlsFront, sighej_tls_front, G_TYPE_OBJECT)

/* ---- certificate and key ---- */

/* @path: (out) (transfer full) (nullable): the credential when there is one, else the setting. */
static gboolean
choose_file (const char *credential, const char *file, char **path, GError **error)
{
  if (!sighej_credential_find (credential, path, error))
    return FALSE;
  if (*path == NULL && file != NULL && file[0] != '\0')
    *path = g_strdup (file);
  return TRUE;
}

static gboolean
refuse (GError **error, const char *format, const char *what)
{
  g_autoptr (GString) message = g_string_new (format);

  g_string_replace (message, "{}", what, 0);
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, message->str);
  return FALSE;
}

static gboolean
check_key_file (const char *path, GError **error)
{
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    return refuse (error, "cannot read the TLS key file {}; set TlsKeyFile", path);
  if ((info.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return refuse (error, "others may read the TLS key file {}; run chmod o-rwx on it", path);
  return TRUE;
}

static GTlsCertificate *
load (const char *certificate_file, const char *key_file, GError **error)
{
  g_autofree char *certificate_path = NULL;
  g_autofree char *key_path = NULL;
  g_autoptr (GError) cause = NULL;
  GTlsCertificate *certificate;

  if (!choose_file (CREDENTIAL_CERTIFICATE, certificate_file, &certificate_path, error)
      || !choose_file (CREDENTIAL_KEY, key_file, &key_path, error))
    return NULL;
  if (certificate_path == NULL || key_path == NULL)
    {
      refuse (error,
              "TlsListen needs a certificate and its key; set {}, or give the credentials "
              "tls-certificate and tls-key",
              certificate_path == NULL ? "TlsCertificateFile" : "TlsKeyFile");
      return NULL;
    }
  if (!check_key_file (key_path, error))
    return NULL;
  certificate = g_tls_certificate_new_from_files (certificate_path, key_path, &cause);
  if (certificate == NULL)
    {
      g_autofree char *what
          = g_strdup_printf ("%s with key %s: %s", certificate_path, key_path, cause->message);

      refuse (error, "cannot use the TLS certificate {}", what);
    }
  return certificate;
}

/* So that somebody is warned in time. */
static void
measure_certificate (GTlsCertificate *certificate)
{
  g_autoptr (GDateTime) end = g_tls_certificate_get_not_valid_after (certificate);
  gint64 end_s = end != NULL ? g_date_time_to_unix (end) : 0;

  sighej_metrics_set (SIGHEJ_METRIC_TLS_EXPIRY, 0, (guint64) MAX (end_s, 0) * G_USEC_PER_SEC);
}

gboolean
sighej_tls_front_reload (SighejTlsFront *self,
                         const char *certificate_file,
                         const char *key_file,
                         GError **error)
{
  GTlsCertificate *certificate = load (certificate_file, key_file, error);

  if (certificate == NULL)
    return FALSE;
  measure_certificate (certificate);
  g_set_object (&self->certificate, certificate);
  g_object_unref (certificate);
  return TRUE;
}

/* ---- a connection ---- */

typedef struct
{
  SighejTlsFront *front;
  GIOStream *tls;
  GSocketAddress *remote;
  GCancellable *cancellable;
  gulong stopped_id;
  guint deadline;
} Handshake;

static void
handshake_free (Handshake *self)
{
  sighej_clock_clear (self->front->clock, &self->deadline);
  g_cancellable_disconnect (self->front->stopped, self->stopped_id);
  self->front->n_handshakes--;
  g_clear_object (&self->tls);
  g_object_unref (self->remote);
  g_object_unref (self->cancellable);
  g_object_unref (self->front);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Handshake, handshake_free)

static void
on_relay_ended (gpointer user_data)
{
  SighejTlsFront *self = user_data;

  self->n_relays--;
  g_object_unref (self);
}

static void
hand_on (Handshake *handshake)
{
  SighejTlsFront *self = handshake->front;
  g_autoptr (GSocket) plain = NULL;
  GSocket *inner;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    {
      g_message ("a connection is dropped: no descriptor is left");
      return;
    }
  plain = g_socket_new_from_fd (ends[0], NULL);
  inner = g_socket_new_from_fd (ends[1], NULL);
  g_socket_set_blocking (plain, FALSE);
  g_socket_set_blocking (inner, FALSE);
  self->n_relays++;
  sighej_relay_start (
      g_steal_pointer (&handshake->tls), inner, self->clock, on_relay_ended, g_object_ref (self));
  self->ready (plain, handshake->remote, self->user_data);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Handshake) handshake = user_data;
  g_autoptr (GError) error = NULL;

  gboolean good = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);

  sighej_metrics_add (
      SIGHEJ_METRIC_TLS_HANDSHAKES, good ? SIGHEJ_HANDSHAKE_DONE : SIGHEJ_HANDSHAKE_FAILED, 1);
  if (!good)
    g_debug ("a TLS handshake failed: %s", error->message);
  else if (!g_cancellable_is_cancelled (handshake->front->stopped))
    hand_on (handshake);
}

static gboolean
on_too_slow (gpointer user_data)
{
  Handshake *handshake = user_data;

  handshake->deadline = 0;
  g_cancellable_cancel (handshake->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_stopped (GCancellable *stopped, gpointer user_data)
{
  g_cancellable_cancel (G_CANCELLABLE (user_data));
}

static void
start_handshake (SighejTlsFront *self, GIOStream *tls, GSocketAddress *remote)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  Handshake *handshake = g_new0 (Handshake, 1);

  handshake->front = g_object_ref (self);
  handshake->tls = tls;
  handshake->remote = g_object_ref (remote);
  handshake->cancellable = g_cancellable_new ();
  handshake->stopped_id = g_cancellable_connect (
      self->stopped, G_CALLBACK (on_stopped), handshake->cancellable, NULL);
  handshake->deadline = sighej_clock_add (
      self->clock, SIGHEJ_TLS_FRONT_HANDSHAKE_MS * G_TIME_SPAN_MILLISECOND, on_too_slow, handshake);
  self->n_handshakes++;
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls),
                                             (const char *const *) protocols);
  /* Who just hangs up is as good as gone; nothing of ours ends without a length or a close frame.
   */
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  g_tls_connection_handshake_async (
      G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, handshake->cancellable, on_handshake, handshake);
}

void
sighej_tls_front_accept (SighejTlsFront *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  GIOStream *tls;

  if (remote == NULL) /* gone before it was accepted */
    return;
  if (self->n_handshakes >= SIGHEJ_TLS_FRONT_HANDSHAKES_MAX)
    {
      sighej_metrics_add (SIGHEJ_METRIC_TLS_HANDSHAKES, SIGHEJ_HANDSHAKE_REFUSED, 1);
      g_socket_close (socket, NULL);
      return;
    }
  connection = g_socket_connection_factory_create_connection (socket);
  tls = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, &error);
  if (tls != NULL)
    start_handshake (self, tls, remote);
  else
    g_warning ("TLS cannot be spoken: %s", error->message);
}

guint
sighej_tls_front_get_n (SighejTlsFront *self)
{
  return self->n_handshakes + self->n_relays;
}

/* ---- life ---- */

static void
sighej_tls_front_dispose (GObject *object)
{
  g_cancellable_cancel (SIGHEJ_TLS_FRONT (object)->stopped);

  G_OBJECT_CLASS (sighej_tls_front_parent_class)->dispose (object);
}

static void
sighej_tls_front_finalize (GObject *object)
{
  SighejTlsFront *self = SIGHEJ_TLS_FRONT (object);

  g_clear_object (&self->certificate);
  g_object_unref (self->stopped);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_tls_front_parent_class)->finalize (object);
}

static void
sighej_tls_front_class_init (SighejTlsFrontClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_tls_front_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_tls_front_finalize;
}

static void
sighej_tls_front_init (SighejTlsFront *self)
{
  self->stopped = g_cancellable_new ();
}

SighejTlsFront *
sighej_tls_front_new (const char *certificate_file,
                      const char *key_file,
                      SighejClock *clock,
                      SighejTlsFrontReady ready,
                      gpointer user_data,
                      GError **error)
{
  g_autoptr (SighejTlsFront) self = g_object_new (SIGHEJ_TYPE_TLS_FRONT, NULL);

  self->clock = g_object_ref (clock);
  self->ready = ready;
  self->user_data = user_data;
  if (!sighej_tls_front_reload (self, certificate_file, key_file, error))
    return NULL;
  return g_steal_pointer (&self);
}
