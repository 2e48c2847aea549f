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

/*
 * The management protocol of the kernel (BlueZ doc/mgmt-api.txt), as far as we read it.
 * libbluetooth has no header for it. All integers are little endian.
 */
#define MGMT_READ_INFORMATION 0x0004
#define MGMT_EVENT_COMMAND_COMPLETE 0x0001
#define MGMT_EVENT_INDEX_ADDED 0x0004
#define MGMT_EVENT_NEW_SETTINGS 0x0006
#define MGMT_STATUS_SUCCESS 0
#define MGMT_PACKET_BYTES_MAX 1024
#define MGMT_PACKETS_PER_TURN_MAX 32

typedef struct __attribute__ ((packed))
{
  guint16 code;
  guint16 index;
  guint16 n_bytes;
} MgmtHeader;

typedef struct __attribute__ ((packed))
{
  guint16 code;
  guint8 status;
} MgmtCommandComplete;

/* The beginning of the answer to Read Information; class and names follow. */
typedef struct __attribute__ ((packed))
{
  guint8 address[6];
  guint8 version;
  guint16 manufacturer;
  guint32 supported_settings;
  guint32 current_settings;
} MgmtInformation;

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
  gboolean has_room;
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
sighej_bluez_exposure_has_room (const SighejBluezExposure *self)
{
  const guint32 both = SIGHEJ_BLUEZ_SETTING_POWERED | SIGHEJ_BLUEZ_SETTING_BREDR;

  return !self->settings_known || (self->settings & both) != SIGHEJ_BLUEZ_SETTING_POWERED;
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
  self->has_room = TRUE;
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
  gboolean has_room = sighej_bluez_exposure_has_room (&self->exposure);

  if (ready == self->ready && privacy == self->privacy && has_room == self->has_room)
    return;

  self->ready = ready;
  self->has_room = has_room;
  self->privacy = privacy;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

#if HAVE_GUARD_SOCKET
static void
ask_settings (SighejBluezGuard *self)
{
  MgmtHeader request = {
    .code = GUINT16_TO_LE (MGMT_READ_INFORMATION),
    .index = GUINT16_TO_LE (self->index),
  };

  if (self->fd >= 0 && write (self->fd, &request, sizeof request) != (gssize) sizeof request)
    {
      g_debug ("cannot ask for the adapter's settings: %s", g_strerror (errno));
      close_socket (self);
    }
}

static void
take_settings (SighejBluezGuard *self, guint32 settings)
{
  sighej_clock_clear (self->clock, &self->wait_id);
  self->exposure.settings_known = TRUE;
  self->exposure.settings = settings;
  refresh (self);
}

static void
take_information (SighejBluezGuard *self, const guint8 *bytes, gsize n_bytes)
{
  MgmtCommandComplete complete;
  MgmtInformation information;

  if (n_bytes < sizeof complete + sizeof information)
    return;
  memcpy (&complete, bytes, sizeof complete);
  if (GUINT16_FROM_LE (complete.code) != MGMT_READ_INFORMATION
      || complete.status != MGMT_STATUS_SUCCESS)
    return;

  memcpy (&information, bytes + sizeof complete, sizeof information);
  take_settings (self, GUINT32_FROM_LE (information.current_settings));
}

static void
take_packet (SighejBluezGuard *self, const guint8 *packet, gsize n_bytes)
{
  const guint8 *body = packet + sizeof (MgmtHeader);
  gsize n_body_bytes;
  MgmtHeader header;
  guint32 settings;

  if (n_bytes < sizeof header)
    return;
  memcpy (&header, packet, sizeof header);
  if (self->path == NULL || GUINT16_FROM_LE (header.index) != self->index)
    return;

  n_body_bytes = n_bytes - sizeof header;
  switch (GUINT16_FROM_LE (header.code))
    {
    case MGMT_EVENT_COMMAND_COMPLETE:
      take_information (self, body, n_body_bytes);
      break;
    case MGMT_EVENT_INDEX_ADDED:
      ask_settings (self);
      break;
    case MGMT_EVENT_NEW_SETTINGS:
      if (n_body_bytes < sizeof settings)
        break;
      memcpy (&settings, body, sizeof settings);
      take_settings (self, GUINT32_FROM_LE (settings));
      break;
    default:
      break;
    }
}

/* Without the socket nothing but D-Bus is known, and that is what is said. */
static void
lose_socket (SighejBluezGuard *self)
{
  g_message ("lost sight of the adapter's privacy settings");
  close_socket (self);
  self->exposure.settings_known = FALSE;
  self->exposure.settings = 0;
  refresh (self);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (SighejBluezGuard) self = g_object_ref (SIGHEJ_BLUEZ_GUARD (user_data));
  guint8 packet[MGMT_PACKET_BYTES_MAX];

  for (guint i = 0; i < MGMT_PACKETS_PER_TURN_MAX && self->fd >= 0; i++)
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
open_socket (SighejBluezGuard *self)
{
}
#endif

static gboolean
on_answer_late (gpointer user_data)
{
  SighejBluezGuard *self = user_data;

  self->wait_id = 0;
  refresh (self);

  return G_SOURCE_REMOVE;
}

/* Nothing said of an earlier adapter, or of an earlier life of this one, counts. */
static void
watch (SighejBluezGuard *self, const SighejBluezAdapter *adapter)
{
  sighej_clock_clear (self->clock, &self->wait_id);
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
  if (self->fd >= 0)
    self->wait_id = sighej_clock_add (self->clock, ANSWER_WAIT_US, on_answer_late, self);
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
sighej_bluez_guard_has_room (SighejBluezGuard *self)
{
  return self->has_room;
}

gboolean
sighej_bluez_guard_may_advertise (SighejBluezGuard *self)
{
  return self->ready && self->has_room && self->privacy != SIGHEJ_PRIVACY_BLOCKED;
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
