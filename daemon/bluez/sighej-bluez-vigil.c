/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-vigil.h"

#define NEVER_US G_MAXINT64
#define UNDISCOVERING_US ((gint64) SIGHEJ_BLUEZ_VIGIL_UNDISCOVERING_SECONDS * G_USEC_PER_SEC)
#define DOUBT_US ((gint64) SIGHEJ_BLUEZ_VIGIL_DOUBT_SECONDS * G_USEC_PER_SEC)

void
sighej_bluez_vigil_begin (SighejBluezVigil *self, gint64 now_us)
{
  self->begun_us = now_us;
  self->undiscovering_since_us = now_us;
  sighej_bluez_silence_begin (&self->silence, now_us);
}

void
sighej_bluez_vigil_end (SighejBluezVigil *self, gint64 alive_us, gint64 now_us)
{
  sighej_bluez_silence_end (&self->silence, alive_us, now_us);
}

void
sighej_bluez_vigil_set_discovering (SighejBluezVigil *self, gboolean discovering, gint64 now_us)
{
  if (self->discovering && !discovering)
    self->undiscovering_since_us = now_us;
  self->discovering = discovering;
}

void
sighej_bluez_vigil_set_doubted (SighejBluezVigil *self, gboolean doubted)
{
  self->doubted = doubted;
}

gboolean
sighej_bluez_vigil_hear (SighejBluezVigil *self)
{
  self->doubted = FALSE;
  return sighej_bluez_silence_forget (&self->silence);
}

void
sighej_bluez_vigil_forget (SighejBluezVigil *self)
{
  self->doubted = FALSE;
  sighej_bluez_silence_forget (&self->silence);
}

gboolean
sighej_bluez_vigil_is_sound (const SighejBluezVigil *self)
{
  return self->discovering && !self->doubted;
}

/* NEVER_US while there is nothing to wait for. */
static gint64
get_lost_us (const SighejBluezVigil *self)
{
  return self->discovering ? NEVER_US : self->undiscovering_since_us + UNDISCOVERING_US;
}

static gint64
get_doubt_us (const SighejBluezVigil *self)
{
  return self->doubted ? self->begun_us + DOUBT_US : NEVER_US;
}

SighejBluezVigilFinding
sighej_bluez_vigil_judge (const SighejBluezVigil *self, gint64 alive_us, gint64 now_us)
{
  if (now_us >= get_lost_us (self))
    return SIGHEJ_BLUEZ_VIGIL_LOST;
  if (now_us >= sighej_bluez_silence_get_due_us (&self->silence, alive_us))
    return SIGHEJ_BLUEZ_VIGIL_SILENT;
  return now_us >= get_doubt_us (self) ? SIGHEJ_BLUEZ_VIGIL_IN_DOUBT : SIGHEJ_BLUEZ_VIGIL_FINE;
}

gint64
sighej_bluez_vigil_get_due_us (const SighejBluezVigil *self, gint64 alive_us)
{
  gint64 due_us = MIN (get_lost_us (self), get_doubt_us (self));

  return MIN (due_us, sighej_bluez_silence_get_due_us (&self->silence, alive_us));
}
