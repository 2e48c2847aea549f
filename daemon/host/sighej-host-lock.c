/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-host-lock.h"

void
sighej_host_lock_start_over (SighejHostLock *self)
{
  self->hint = FALSE;
  self->asked = FALSE;
}

void
sighej_host_lock_lose_word (SighejHostLock *self)
{
  self->asked = sighej_host_lock_is_locked (self);
  self->hint = FALSE;
}

void
sighej_host_lock_set_hint (SighejHostLock *self, gboolean hint)
{
  self->hint = hint;
  self->asked = FALSE;
}

void
sighej_host_lock_ask (SighejHostLock *self, gboolean lock)
{
  /* Unlock asks a locker that keeps the hint, too; it tells when it has done so. */
  self->asked = lock && !self->hint;
}

void
sighej_host_lock_see_person (SighejHostLock *self)
{
  self->asked = FALSE;
}

gboolean
sighej_host_lock_is_locked (const SighejHostLock *self)
{
  return self->hint || self->asked;
}
