/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-kiosk.h"

#include "sighej-beacon.h"
#include "sighej-core-private.h"

struct _SighejKiosk
{
  SighejCore parent_instance;

  SighejCorePrivate *core; /* of the parent */
  SighejBeacon *beacon;
};

G_DEFINE_FINAL_TYPE (SighejKiosk, sighej_kiosk, SIGHEJ_TYPE_CORE)

static void
sighej_kiosk_init (SighejKiosk *self)
{
  self->core = sighej_core_private (self);
}

static void
sighej_kiosk_dispose (GObject *object)
{
  g_clear_object (&SIGHEJ_KIOSK (object)->beacon);

  G_OBJECT_CLASS (sighej_kiosk_parent_class)->dispose (object);
}

static gboolean
sighej_kiosk_open (SighejCore *core, guint seconds, GError **error)
{
  if (seconds != 0)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_DURATION,
                           "a kiosk is open until it is closed; open it without a duration");
      return FALSE;
    }

  sighej_presence_stay_open (SIGHEJ_KIOSK (core)->core->presence);
  return TRUE;
}

/* As with a session: after each silence the tokens are of another seed. */
static void
sighej_kiosk_apply_session (SighejCore *core)
{
  SighejKiosk *self = SIGHEJ_KIOSK (core);

  if (sighej_presence_get_session_wanted (self->core->presence))
    sighej_beacon_begin (self->beacon);
  else
    sighej_beacon_end (self->beacon);
}

static void
on_beacon_changed (SighejKiosk *self)
{
  sighej_core_set_session (SIGHEJ_CORE (self),
                           SIGHEJ_BACKEND_STATE_ONLINE,
                           SIGHEJ_REASON_NONE,
                           sighej_beacon_get_schedule (self->beacon),
                           sighej_beacon_get_begin_us (self->beacon),
                           TRUE);
}

/* Only for who measures this machine's radio, by that of a person beside it. */
static void
sighej_kiosk_hear (SighejCore *core, const SighejPayload *payload, int rssi_dbm)
{
  SighejCalibrator *calibrator = sighej_core_get_calibrator (core);

  if ((payload->flags & SIGHEJ_PAYLOAD_OPEN) != 0 && sighej_calibrator_is_measuring (calibrator))
    sighej_calibrator_hear (calibrator, payload, rssi_dbm);
}

static void
sighej_kiosk_class_init (SighejKioskClass *klass)
{
  SighejCoreClass *core_class = SIGHEJ_CORE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sighej_kiosk_dispose;
  core_class->open = sighej_kiosk_open;
  core_class->apply_session = sighej_kiosk_apply_session;
  core_class->hear = sighej_kiosk_hear;
}

SighejKiosk *
sighej_kiosk_new (const SighejCoreParts *parts)
{
  SighejKiosk *self = g_object_new (SIGHEJ_TYPE_KIOSK, NULL);

  sighej_core_build (SIGHEJ_CORE (self), parts, SIGHEJ_PAYLOAD_KIOSK);
  self->beacon = sighej_beacon_new (parts->clock);
  g_signal_connect_object (
      self->beacon, "changed", G_CALLBACK (on_beacon_changed), self, G_CONNECT_SWAPPED);
  sighej_core_begin (SIGHEJ_CORE (self));
  sighej_presence_stay_open (self->core->presence);
  return self;
}
