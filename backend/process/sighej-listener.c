/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-listener"

#include "config.h"

#include "sighej-listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "sighej-accept-source.h"
#include "sighej-metrics.h"

#define UNIX_PREFIX "unix:"
#define UNIX_UMASK 0117
#define UNIX_PATH_BYTES_MAX (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)
#define REARM_US (100 * 1000)
#define GRACE_US (50 * 1000) /* a handshake, or the kernel's share of one on a busy machine */
#define ACCEPTS_PER_WAKE 16  /* then others have a turn, other processes too */
#define PORT_MAX 65535

/* Of the header of TCP (RFC 9293, section 3.1). */
#define TCP_FLAGS_OFFSET_BYTES 13
#define TCP_FLAG_SYN_BIT 0x02

struct _SighejListener
{
  GObject parent_instance;

  GSocket *socket;
  GSocketAddress *address;
  char *name;
  char *made_path;    /* (nullable): UNIX socket to remove */
  gboolean inherited; /* somebody else may hold it too, and go on */

  SighejClock *clock;
  GSource *source;
  guint rearm;
  guint grace;
  SighejListenerAccepted accepted;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (SighejListener, sighej_listener, G_TYPE_OBJECT)

static void arm (SighejListener *self);

static void
sighej_listener_dispose (GObject *object)
{
  sighej_listener_stop (SIGHEJ_LISTENER (object));

  G_OBJECT_CLASS (sighej_listener_parent_class)->dispose (object);
}

static void
sighej_listener_finalize (GObject *object)
{
  SighejListener *self = SIGHEJ_LISTENER (object);

  g_clear_object (&self->address);
  g_clear_object (&self->clock);
  g_free (self->name);

  G_OBJECT_CLASS (sighej_listener_parent_class)->finalize (object);
}

static void
sighej_listener_init (SighejListener *self)
{
}

static void
sighej_listener_class_init (SighejListenerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_listener_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_listener_finalize;
}

/* ---- addresses ---- */

static GSocketAddress *
parse_inet (const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : NULL;
  g_autoptr (GInetAddress) inet = NULL;
  guint64 port;

  if (host != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 0, PORT_MAX, &port, NULL))
    {
      gsize n = strlen (host);

      if (strcmp (host, "localhost") == 0)
        inet = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
      else if (n > 2 && host[0] == '[' && host[n - 1] == ']')
        {
          g_autofree char *inner = g_strndup (host + 1, n - 2);

          inet = g_inet_address_new_from_string (inner);
        }
      else if (strchr (host, ':') == NULL)
        inet = g_inet_address_new_from_string (host);
    }
  if (inet == NULL)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_CONFIG,
                   "'%s' is no address to listen on; write ADDRESS:PORT, [ADDRESS]:PORT or "
                   "unix:/path",
                   text);
      return NULL;
    }
  return g_inet_socket_address_new (inet, (guint16) port);
}

static char *
describe (GSocketAddress *address)
{
  GInetSocketAddress *inet;
  g_autofree char *host = NULL;

  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    return g_strconcat (
        UNIX_PREFIX, g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)), NULL);
  inet = G_INET_SOCKET_ADDRESS (address);
  host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                          host,
                          g_inet_socket_address_get_port (inet));
}

/* ---- opening ---- */

static void
explain_bind (const char *text, const GError *cause, GError **error)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_UNAVAILABLE,
                 "%s is in use by another program; stop that program or listen elsewhere",
                 text);
  else
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_UNAVAILABLE,
                 "cannot listen on %s: %s",
                 text,
                 cause->message);
}

/* A socket file nobody listens behind is removed; anything else is left for bind() to meet. */
static void
remove_stale (GSocketAddress *address, const char *path)
{
  g_autoptr (GSocket) probe = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  if (g_lstat (path, &info) != 0 || !S_ISSOCK (info.st_mode))
    return;
  probe = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  if (probe == NULL || g_socket_connect (probe, address, NULL, &error))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_unlink (path);
}

static gboolean
bind_and_listen (SighejListener *self, const char *text, GSocketAddress *address, GError **error)
{
  g_autoptr (GError) cause = NULL;

  self->socket = g_socket_new (g_socket_address_get_family (address),
                               G_SOCKET_TYPE_STREAM,
                               G_SOCKET_PROTOCOL_DEFAULT,
                               &cause);
  if (self->socket != NULL)
    {
      g_socket_set_listen_backlog (self->socket, SIGHEJ_LISTENER_BACKLOG);
      if (g_socket_bind (self->socket, address, TRUE, &cause)
          && g_socket_listen (self->socket, &cause))
        return TRUE;
    }
  explain_bind (text, cause, error);
  return FALSE;
}

static GSocketAddress *
parse_unix (const char *text, GError **error)
{
  const char *path = text + strlen (UNIX_PREFIX);

  if (path[0] == '/' && strlen (path) <= UNIX_PATH_BYTES_MAX)
    return g_unix_socket_address_new (path);
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "'%s' is no UNIX socket to listen on; write unix: and an absolute path of at most "
               "%zu bytes",
               text,
               UNIX_PATH_BYTES_MAX);
  return NULL;
}

static GSocketAddress *
parse (const char *text, GError **error)
{
  return g_str_has_prefix (text, UNIX_PREFIX) ? parse_unix (text, error) : parse_inet (text, error);
}

static gboolean
is_local (GSocketAddress *address)
{
  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    return TRUE;
  return g_inet_address_get_is_loopback (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static gboolean
open_unix (SighejListener *self, const char *text, GSocketAddress *address, GError **error)
{
  const char *path = text + strlen (UNIX_PREFIX);
  mode_t before;
  gboolean good;

  remove_stale (address, path);
  before = umask (UNIX_UMASK);
  good = bind_and_listen (self, text, address, error);
  umask (before);
  if (good)
    self->made_path = g_strdup (path);
  return good;
}

/* What the kernel made of it: the port that was chosen, the path that was inherited. */
static gboolean
learn_address (SighejListener *self, GError **error)
{
  self->address = g_socket_get_local_address (self->socket, error);
  if (self->address == NULL)
    return FALSE;
  if (!G_IS_UNIX_SOCKET_ADDRESS (self->address) && !G_IS_INET_SOCKET_ADDRESS (self->address))
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_CONFIG,
                           "an inherited descriptor is neither a TCP nor a UNIX socket");
      return FALSE;
    }
  self->name = describe (self->address);
  g_socket_set_blocking (self->socket, FALSE);
  return TRUE;
}

gboolean
sighej_listener_check_text (const char *text, gboolean *local, GError **error)
{
  g_autoptr (GSocketAddress) address = parse (text, error);

  if (address == NULL)
    return FALSE;
  if (local != NULL)
    *local = is_local (address);
  return TRUE;
}

SighejListener *
sighej_listener_new_for_text (const char *text, GError **error)
{
  g_autoptr (SighejListener) self = g_object_new (SIGHEJ_TYPE_LISTENER, NULL);
  g_autoptr (GSocketAddress) address = parse (text, error);

  if (address == NULL)
    return NULL;
  if (G_IS_UNIX_SOCKET_ADDRESS (address) ? !open_unix (self, text, address, error)
                                         : !bind_and_listen (self, text, address, error))
    return NULL;
  return learn_address (self, error) ? g_steal_pointer (&self) : NULL;
}

SighejListener *
sighej_listener_new_for_fd (int fd, GError **error)
{
  g_autoptr (SighejListener) self = g_object_new (SIGHEJ_TYPE_LISTENER, NULL);
  int listening = 0;

  self->socket = g_socket_new_from_fd (fd, error);
  if (self->socket == NULL)
    {
      close (fd);
      return NULL;
    }
  if (!g_socket_get_option (self->socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, NULL)
      || !listening)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_CONFIG,
                           "an inherited descriptor is no listening socket");
      return NULL;
    }
  self->inherited = TRUE;
  return learn_address (self, error) ? g_steal_pointer (&self) : NULL;
}

const char *
sighej_listener_get_name (SighejListener *self)
{
  return self->name;
}

GSocketAddress *
sighej_listener_dup_address (SighejListener *self)
{
  return g_object_ref (self->address);
}

gboolean
sighej_listener_is_local (SighejListener *self)
{
  return is_local (self->address);
}

/* ---- accepting ---- */

static gboolean
on_rearm (gpointer user_data)
{
  SighejListener *self = user_data;

  self->rearm = 0;
  arm (self);
  return G_SOURCE_REMOVE;
}

/* Accepts nothing for a while. */
static void
breathe (SighejListener *self, int reason)
{
  sighej_metrics_add (SIGHEJ_METRIC_ACCEPT_FAILURES, 0, 1);
  g_message ("cannot accept a connection: %s; trying again in 100 ms", g_strerror (reason));
  sighej_accept_source_set_armed (self->source, FALSE);
  self->rearm = sighej_clock_add (self->clock, REARM_US, on_rearm, self);
}

static void
arm (SighejListener *self)
{
  if (!sighej_accept_source_set_armed (self->source, TRUE))
    breathe (self, errno);
}

static void
deliver (SighejListener *self, int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);

  if (socket == NULL)
    {
      g_debug ("an accepted connection is gone: %s", error->message);
      close (fd);
      return;
    }
  g_socket_set_blocking (socket, FALSE);
  if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  self->accepted (socket, self->user_data);
}

static gboolean
is_exhaustion (int code)
{
  return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

/* Returns: whether there was one; if not errno says why. */
static gboolean
accept_one (SighejListener *self)
{
  int fd = accept4 (g_socket_get_fd (self->socket), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd >= 0)
    deliver (self, fd);
  return fd >= 0;
}

static gboolean
on_readable (gpointer user_data)
{
  g_autoptr (SighejListener) self = g_object_ref (user_data);
  gboolean any = FALSE;

  for (guint i = 0; i < ACCEPTS_PER_WAKE && self->source != NULL && self->rearm == 0; i++)
    if (accept_one (self))
      any = TRUE;
    else if (errno == EAGAIN)
      break;
    else if (is_exhaustion (errno))
      breathe (self, errno);
  return any;
}

gboolean
sighej_listener_start (SighejListener *self,
                       SighejClock *clock,
                       SighejListenerAccepted accepted,
                       gpointer user_data,
                       GError **error)
{
  g_return_val_if_fail (self->source == NULL && self->socket != NULL, FALSE);

  self->source = sighej_accept_source_new (g_socket_get_fd (self->socket));
  if (self->source == NULL)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_UNAVAILABLE,
                   "cannot accept connections on %s: %s",
                   self->name,
                   g_strerror (errno));
      return FALSE;
    }
  self->clock = g_object_ref (clock);
  self->accepted = accepted;
  self->user_data = user_data;
  g_source_set_callback (self->source, on_readable, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  arm (self);
  return TRUE;
}

/*
 * Between the last accept() and close() one more may come, and would be reset: TCP has no other
 * way to end a listening socket. So the kernel is told to drop every SYN from here on: who begins
 * now tries again and is refused, whose handshake is under way is still let in.
 */
void
sighej_listener_refuse (SighejListener *self)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_B | BPF_ABS, TCP_FLAGS_OFFSET_BYTES),
    BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, TCP_FLAG_SYN_BIT, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, 0),
    BPF_STMT (BPF_RET | BPF_K, G_MAXUINT32),
  };
  const struct sock_fprog program = { .len = G_N_ELEMENTS (code), .filter = code };

  if (self->socket == NULL || self->inherited
      || g_socket_get_family (self->socket) == G_SOCKET_FAMILY_UNIX)
    return;
  if (setsockopt (
          g_socket_get_fd (self->socket), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)
      != 0)
    g_debug ("who connects to %s just now may be reset: %s", self->name, g_strerror (errno));
}

static gboolean
on_grace_over (gpointer user_data)
{
  g_autoptr (SighejListener) self = g_object_ref (user_data);

  self->grace = 0;
  for (guint i = 0; i < SIGHEJ_LISTENER_BACKLOG && self->source != NULL; i++)
    if (!accept_one (self) && errno != ECONNABORTED)
      break;
  sighej_listener_stop (self);
  return G_SOURCE_REMOVE;
}

void
sighej_listener_finish (SighejListener *self)
{
  if (self->source == NULL)
    {
      sighej_listener_stop (self);
      return;
    }
  sighej_listener_refuse (self);
  if (self->grace == 0)
    self->grace = sighej_clock_add (self->clock, GRACE_US, on_grace_over, self);
}

gboolean
sighej_listener_is_open (SighejListener *self)
{
  return self->socket != NULL;
}

void
sighej_listener_stop (SighejListener *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->rearm);
      sighej_clock_clear (self->clock, &self->grace);
    }
  if (self->made_path != NULL)
    g_unlink (self->made_path);
  g_clear_pointer (&self->made_path, g_free);
  g_clear_object (&self->socket);
}

int
sighej_listener_get_fd (SighejListener *self)
{
  return g_socket_get_fd (self->socket);
}
