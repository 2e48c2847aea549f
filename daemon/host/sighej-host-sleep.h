/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"

G_BEGIN_DECLS

/*
 * How long the machine's sleep is held up for silence. The login manager waits no longer than
 * its InhibitDelayMaxSec, 5 s unless somebody changed it.
 */
#define SIGHEJ_HOST_SLEEP_SILENCE_SECONDS_MAX 3
/* How long a login manager that went away while the machine fell asleep is waited for. */
#define SIGHEJ_HOST_SLEEP_LOST_SECONDS 10
/* After a refused lock it is asked for again: from the first to the last of these waits. */
#define SIGHEJ_HOST_SLEEP_RETRY_FIRST_MS 1000
#define SIGHEJ_HOST_SLEEP_RETRY_MOST_MS 60000

/**
 * SighejHostSleepState:
 * @SIGHEJ_HOST_SLEEP_ABSENT: there is no login manager to ask
 * @SIGHEJ_HOST_SLEEP_IDLE: the person is not open, so sleep need not wait for us
 * @SIGHEJ_HOST_SLEEP_ASKING: the delay lock has been asked for
 * @SIGHEJ_HOST_SLEEP_HELD: we hold it: sleep waits until we let go
 * @SIGHEJ_HOST_SLEEP_WITHOUT: it was refused; asked for again soon
 * @SIGHEJ_HOST_SLEEP_FALLING: the machine is about to sleep; silence is awaited
 * @SIGHEJ_HOST_SLEEP_ASLEEP: nothing of ours holds sleep up; it sleeps, or is about to
 * @SIGHEJ_HOST_SLEEP_LOST: as ASLEEP, and the login manager is gone that would say "awake"
 */
typedef enum
{
  SIGHEJ_HOST_SLEEP_ABSENT,
  SIGHEJ_HOST_SLEEP_IDLE,
  SIGHEJ_HOST_SLEEP_ASKING,
  SIGHEJ_HOST_SLEEP_HELD,
  SIGHEJ_HOST_SLEEP_WITHOUT,
  SIGHEJ_HOST_SLEEP_FALLING,
  SIGHEJ_HOST_SLEEP_ASLEEP,
  SIGHEJ_HOST_SLEEP_LOST,
} SighejHostSleepState;
#define SIGHEJ_HOST_SLEEP_N_STATES (SIGHEJ_HOST_SLEEP_LOST + 1)

/* The table of allowed moves, for the test that walks it. */
gboolean sighej_host_sleep_may_move (SighejHostSleepState from, SighejHostSleepState to);

/**
 * SighejHostSleep:
 *
 * The machine's sleep (SECURITY-DESIGN F-09): off the air before it, and only then is it let go;
 * awake again there is nothing left of before, so what comes back has a new token. It is told
 * what happens and holds the lock, a descriptor; it asks nothing of anybody itself.
 *
 *   ABSENT --login manager there--> IDLE --open--> ASKING --lock--> HELD
 *   ASKING --refused, no answer--> WITHOUT --1, 2, 4 … 60 s--> ASKING
 *   ASKING, HELD, WITHOUT --not open--> IDLE
 *   ASKING, HELD --about to sleep--> FALLING --silent, or 3 s--> ASLEEP
 *   IDLE, WITHOUT --about to sleep--> ASLEEP
 *   FALLING, ASLEEP --awake--> IDLE --open--> ASKING
 *   FALLING, ASLEEP --login manager gone--> LOST --login manager there--> IDLE, or ASLEEP when it
 *     says that sleep is still to come
 *   LOST --10 s--> ABSENT
 *   the others --login manager gone--> ABSENT
 *
 * FALLING, ASLEEP and LOST are "suspending". A machine that says it is awake and never said that
 * it would sleep has slept all the same: the states are gone through at once, so that whoever
 * listens hears of both.
 *
 * Signals:
 *  "ask" (): ask the login manager for a delay lock; answered by sighej_host_sleep_take_lock() or
 *    sighej_host_sleep_refuse()
 *  "changed" (): suspending is different
 */
#define SIGHEJ_TYPE_HOST_SLEEP (sighej_host_sleep_get_type ())
G_DECLARE_FINAL_TYPE (SighejHostSleep, sighej_host_sleep, SIGHEJ, HOST_SLEEP, GObject)

SighejHostSleep *sighej_host_sleep_new (SighejClock *clock);

/* ---- what happens ---- */

/* There is a login manager, and that is what it says of sleep now. */
void sighej_host_sleep_appear (SighejHostSleep *self, gboolean about_to_sleep);
void sighej_host_sleep_vanish (SighejHostSleep *self);

/* Whether the person is open: only then is there something to take off the air. */
void sighej_host_sleep_set_open (SighejHostSleep *self, gboolean open);

/* Whether nothing of ours is on the air, nothing listens, and no session is left to delete. */
void sighej_host_sleep_set_silent (SighejHostSleep *self, gboolean silent);

/* The login manager's PrepareForSleep: TRUE: about to sleep, FALSE: awake. */
void sighej_host_sleep_prepare (SighejHostSleep *self, gboolean about_to_sleep);

/* The answer to "ask". @fd is taken, and closed at once when it comes too late. */
void sighej_host_sleep_take_lock (SighejHostSleep *self, int fd);
void sighej_host_sleep_refuse (SighejHostSleep *self, const char *why);

/* ---- what follows ---- */

SighejHostSleepState sighej_host_sleep_get_state (SighejHostSleep *self);
gboolean sighej_host_sleep_get_suspending (SighejHostSleep *self);

G_END_DECLS
