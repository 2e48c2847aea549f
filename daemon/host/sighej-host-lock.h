/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejHostLock:
 * @hint: the session's LockedHint
 * @asked: its screen locker was asked to lock, and nobody has said since how it went
 *
 * Whether the person's screen is locked. A value; no bus, no clock.
 *
 * The login manager knows two things of a session, and a screen locker may keep to either: the
 * hint is what the locker says (GNOME, KDE), the signals Lock and Unlock are what somebody asks
 * of it. Those who only listen (swaylock, i3lock behind xss-lock) unlock without a word. So what
 * was asked for counts until a word comes, and a word is: the hint, Unlock, another session, or
 * the person who asks something of us.
 */
typedef struct
{
  gboolean hint;
  gboolean asked;
} SighejHostLock;

/* Another session, or none: nothing is known. */
void sighej_host_lock_start_over (SighejHostLock *self);

/*
 * The login manager is gone. Debian 12's has forgotten every hint when it is back, and then tells
 * nobody that the locker has let the person in again: what was locked counts as asked for.
 */
void sighej_host_lock_lose_word (SighejHostLock *self);

void sighej_host_lock_set_hint (SighejHostLock *self, gboolean hint);

/* The signals Lock and Unlock. */
void sighej_host_lock_ask (SighejHostLock *self, gboolean lock);

/* The person asked something of us. */
void sighej_host_lock_see_person (SighejHostLock *self);

gboolean sighej_host_lock_is_locked (const SighejHostLock *self);

G_END_DECLS
