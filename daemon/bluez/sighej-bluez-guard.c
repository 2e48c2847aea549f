/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-guard.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#if HAVE_GUARD_SOCKET
#  include <bluetooth/bluetooth.h>
#  include <bluetooth/hci.h>
#endif

/* How long the kernel's answer is waited for before D-Bus alone decides. */
#define ANSWER_WAIT_US (2 * G_USEC_PER_SEC)

/* The kernel's words are read in turns, so that nobody who flips settings for ever stops us. */
#define PACKETS_PER_TURN_MAX 32

struct _SighejBluezGuard
{
  GObject parent;

  SighejClock *clock;
  int fd; /* -1: no management socket */
  guint source_id;

  char *path; /* of the adapter watched; NULL: none */
  guint16 index;
  guint wait_id;
  SighejBluezExposure exposure;

  gboolean ready;
  SighejPrivacy privacy;
  gboolean is_fit;
};

G_DEFINE_FINAL_TYPE (SighejBluezGuard, sighej_bluez_guard, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

SighejPrivacy
sighej_bluez_exposure_judge (const SighejBluezExposure *self)
{
  const guint32 exposing = SIGHEJ_BLUEZ_SETTING_CONNECTABLE | SIGHEJ_BLUEZ_SETTING_DISCOVERABLE;

  if (self->settings_known && (self->settings & SIGHEJ_BLUEZ_SETTING_PRIVACY) != 0)
    return self->extended ? SIGHEJ_PRIVACY_PRIVATE : SIGHEJ_PRIVACY_LINKABLE;
  if (self->discoverable || self->connectable)
    return SIGHEJ_PRIVACY_BLOCKED;
  if (!self->settings_known)
    return SIGHEJ_PRIVACY_UNKNOWN;

  return (self->settings & exposing) != 0 ? SIGHEJ_PRIVACY_BLOCKED : SIGHEJ_PRIVACY_GUARDED;
}

gboolean
sighej_bluez_exposure_is_fit (const SighejBluezExposure *self)
{
  const guint32 needed = SIGHEJ_BLUEZ_SETTING_BREDR | SIGHEJ_BLUEZ_SETTING_LE;

  return !self->settings_known || (self->settings & SIGHEJ_BLUEZ_SETTING_POWERED) == 0
         || (self->settings & needed) == needed;
}

static void
close_socket (SighejBluezGuard *self)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
sighej_bluez_guard_dispose (GObject *object)
{
  SighejBluezGuard *self = SIGHEJ_BLUEZ_GUARD (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait_id);
  close_socket (self);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_bluez_guard_parent_class)->dispose (object);
}

static void
sighej_bluez_guard_finalize (GObject *object)
{
  SighejBluezGuard *self = SIGHEJ_BLUEZ_GUARD (object);

  g_free (self->path);

  G_OBJECT_CLASS (sighej_bluez_guard_parent_class)->finalize (object);
}

static void
sighej_bluez_guard_class_init (SighejBluezGuardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_bluez_guard_dispose;
  object_class->finalize = sighej_bluez_guard_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_bluez_guard_init (SighejBluezGuard *self)
{
  self->fd = -1;
  self->privacy = SIGHEJ_PRIVACY_UNKNOWN;
  self->is_fit = TRUE;
}

/* The kernel has answered, or nobody is left who could. */
static gboolean
compute_ready (SighejBluezGuard *self)
{
  return self->path != NULL
         && (self->exposure.settings_known || self->fd < 0 || self->wait_id == 0);
}

static void
refresh (SighejBluezGuard *self)
{
  gboolean ready = compute_ready (self);
  SighejPrivacy privacy
      = ready ? sighej_bluez_exposure_judge (&self->exposure) : SIGHEJ_PRIVACY_UNKNOWN;
  gboolean is_fit = sighej_bluez_exposure_is_fit (&self->exposure);

  if (ready == self->ready && privacy == self->privacy && is_fit == self->is_fit)
    return;

  self->ready = ready;
  self->is_fit = is_fit;
  self->privacy = privacy;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
on_answer_late (gpointer user_data)
{
  SighejBluezGuard *self = user_data;

  self->wait_id = 0;
  refresh (self);

  return G_SOURCE_REMOVE;
}

/* What was said of an earlier adapter, or of an earlier life of this one, counts no more. */
static void
forget_settings (SighejBluezGuard *self)
{
  sighej_clock_clear (self->clock, &self->wait_id);
  self->exposure.settings_known = FALSE;
  self->exposure.settings = 0;
}

#if HAVE_GUARD_SOCKET
static void
ask_settings (SighejBluezGuard *self)
{
  guint8 request[SIGHEJ_BLUEZ_MGMT_REQUEST_BYTES];

  sighej_bluez_mgmt_write_question (self->index, request);
  if (self->fd >= 0 && write (self->fd, request, sizeof request) != (gssize) sizeof request)
    {
      g_debug ("cannot ask for the adapter's settings: %s", g_strerror (errno));
      close_socket (self);
    }
}

/* Until the kernel has spoken of what is there now, nothing may go out. */
static void
wait_for_settings (SighejBluezGuard *self)
{
  forget_settings (self);
  if (self->fd >= 0)
    self->wait_id = sighej_clock_add (self->clock, ANSWER_WAIT_US, on_answer_late, self);
}

static void
take_settings (SighejBluezGuard *self, guint32 settings)
{
  sighej_clock_clear (self->clock, &self->wait_id);
  self->exposure.settings_known = TRUE;
  self->exposure.settings = settings;
}

static void
take_packet (SighejBluezGuard *self, const guint8 *bytes, gsize n_bytes)
{
  SighejBluezMgmtPacket packet = sighej_bluez_mgmt_parse (bytes, n_bytes);

  if (self->path == NULL || packet.index != self->index)
    return;

  switch (packet.kind)
    {
    case SIGHEJ_BLUEZ_MGMT_SETTINGS:
      take_settings (self, packet.settings);
      break;
    case SIGHEJ_BLUEZ_MGMT_REFUSED:
      forget_settings (self);
      break;
    case SIGHEJ_BLUEZ_MGMT_ADDED:
      wait_for_settings (self);
      ask_settings (self);
      break;
    case SIGHEJ_BLUEZ_MGMT_REMOVED:
      wait_for_settings (self);
      break;
    case SIGHEJ_BLUEZ_MGMT_IGNORED:
    default:
      return;
    }
  refresh (self);
}

/* Without the socket nothing but D-Bus is known, and that is what is said. */
static void
lose_socket (SighejBluezGuard *self)
{
  g_message ("lost sight of the adapter's privacy settings");
  close_socket (self);
  forget_settings (self);
  refresh (self);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (SighejBluezGuard) self = g_object_ref (SIGHEJ_BLUEZ_GUARD (user_data));
  guint8 packet[SIGHEJ_BLUEZ_MGMT_PACKET_BYTES_MAX];

  for (guint i = 0; i < PACKETS_PER_TURN_MAX && self->fd >= 0; i++)
    {
      gssize n_bytes = recv (self->fd, packet, sizeof packet, MSG_DONTWAIT);

      if (n_bytes > 0)
        take_packet (self, packet, (gsize) n_bytes);
      else if (n_bytes < 0 && errno == EINTR)
        continue;
      else if (n_bytes < 0 && errno == EAGAIN)
        break;
      else
        lose_socket (self);
    }

  return G_SOURCE_CONTINUE;
}

static void
open_socket (SighejBluezGuard *self)
{
  struct sockaddr_hci address = {
    .hci_family = AF_BLUETOOTH,
    .hci_dev = HCI_DEV_NONE,
    .hci_channel = HCI_CHANNEL_CONTROL,
  };

  if (self->fd >= 0)
    return;
  self->fd = socket (AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, BTPROTO_HCI);
  if (self->fd < 0)
    {
      g_debug ("no management socket: %s", g_strerror (errno));
      return;
    }
  if (bind (self->fd, (struct sockaddr *) &address, sizeof address) != 0)
    {
      g_debug ("cannot use the management socket: %s", g_strerror (errno));
      close_socket (self);
      return;
    }
  self->source_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_ERR | G_IO_HUP, on_readable, self);
  g_source_set_name_by_id (self->source_id, "sighej-bluez-guard");
}
#else
static void
ask_settings (SighejBluezGuard *self)
{
}

static void
wait_for_settings (SighejBluezGuard *self)
{
}

static void
open_socket (SighejBluezGuard *self)
{
}
#endif

static void
watch (SighejBluezGuard *self, const SighejBluezAdapter *adapter)
{
  forget_settings (self);
  g_clear_pointer (&self->path, g_free);
  self->exposure = (SighejBluezExposure){ 0 };
  if (adapter == NULL)
    {
      close_socket (self);
      return;
    }

  self->path = g_strdup (adapter->path);
  self->index = adapter->index;
  open_socket (self);
  ask_settings (self);
  wait_for_settings (self);
}

SighejBluezGuard *
sighej_bluez_guard_new (SighejClock *clock)
{
  SighejBluezGuard *self = g_object_new (SIGHEJ_TYPE_BLUEZ_GUARD, NULL);

  self->clock = g_object_ref (clock);

  return self;
}

void
sighej_bluez_guard_set_adapter (SighejBluezGuard *self, const SighejBluezAdapter *adapter)
{
  if (g_strcmp0 (self->path, adapter != NULL ? adapter->path : NULL) != 0)
    watch (self, adapter);
  if (adapter != NULL)
    {
      self->exposure.discoverable = adapter->discoverable;
      self->exposure.connectable = adapter->connectable;
      self->exposure.extended = adapter->extended;
    }
  refresh (self);
}

gboolean
sighej_bluez_guard_is_ready (SighejBluezGuard *self)
{
  return self->ready;
}

gboolean
sighej_bluez_guard_is_fit (SighejBluezGuard *self)
{
  return self->is_fit;
}

gboolean
sighej_bluez_guard_may_advertise (SighejBluezGuard *self)
{
  return self->ready && self->is_fit && self->privacy != SIGHEJ_PRIVACY_BLOCKED;
}

gboolean
sighej_bluez_guard_is_discoverable (SighejBluezGuard *self)
{
  return self->exposure.discoverable
         || (self->exposure.settings & SIGHEJ_BLUEZ_SETTING_DISCOVERABLE) != 0;
}

SighejPrivacy
sighej_bluez_guard_get_privacy (SighejBluezGuard *self)
{
  return self->privacy;
}

gboolean
sighej_bluez_guard_sees_settings (SighejBluezGuard *self)
{
  return self->exposure.settings_known;
}
