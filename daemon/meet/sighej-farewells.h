/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-link-meets.h"

G_BEGIN_DECLS

/* So many may wait for the backend; of more, the oldest is left to the backend's own expiry. */
#define SIGHEJ_FAREWELLS_MAX 32
/* What is older ends there by itself, seconds. */
#define SIGHEJ_FAREWELL_SECONDS (20 * 60)

/**
 * SighejFarewells:
 *
 * What the backend still has to be told of encounters that are over here: withdrawn, ended or
 * blocked. Told at once when there is a line, and again over each new one until the backend has
 * answered.
 *
 * Signals:
 *  "told" (): nothing is on its way to the backend any more
 */
#define SIGHEJ_TYPE_FAREWELLS (sighej_farewells_get_type ())
G_DECLARE_FINAL_TYPE (SighejFarewells, sighej_farewells, SIGHEJ, FAREWELLS, GObject)

SighejFarewells *sighej_farewells_new (SighejClock *clock, SighejLinkMeets *line);

/**
 * sighej_farewells_say:
 * @act: WITHDRAW, END or BLOCK; takes the place of what was to be said of that nudge before
 * @ticket: (nullable): for BLOCK
 */
void sighej_farewells_say (SighejFarewells *self,
                           const char *nudge_id,
                           SighejMeetAct act,
                           const char *ticket);

/* It is not over after all: what was not told yet is not. */
void sighej_farewells_take_back (SighejFarewells *self, const char *nudge_id);

/* Forgets what was not told. */
void sighej_farewells_clear (SighejFarewells *self);

/* Whether something is on its way and not answered. */
gboolean sighej_farewells_get_telling (SighejFarewells *self);

G_END_DECLS
