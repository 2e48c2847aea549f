/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-position.h"

G_BEGIN_DECLS

/* How long the first usable position may take, the person's leave included, seconds. */
#define SIGHEJ_GEOCLUE_FIX_SECONDS 60

/**
 * SighejGeoclueState:
 * @SIGHEJ_GEOCLUE_OFF: nobody asks: GeoClue has no client of ours
 * @SIGHEJ_GEOCLUE_ASKING: a client is being made and started
 * @SIGHEJ_GEOCLUE_SEARCHING: started; no position that could be used yet
 * @SIGHEJ_GEOCLUE_FIXED: positions come
 * @SIGHEJ_GEOCLUE_FAILED: there will be none until it is asked again; get_error() says why
 */
typedef enum
{
  SIGHEJ_GEOCLUE_OFF,
  SIGHEJ_GEOCLUE_ASKING,
  SIGHEJ_GEOCLUE_SEARCHING,
  SIGHEJ_GEOCLUE_FIXED,
  SIGHEJ_GEOCLUE_FAILED,
} SighejGeoclueState;

/**
 * SighejGeoclue:
 *
 * Where this machine is, as GeoClue2 says on the system bus, for as long as somebody wants to know:
 * inside a meet in which both said yes (SECURITY-DESIGN T-18), and never else. Each time it is
 * wanted there is a new client at GeoClue, with our desktop id and the level "exact"; when it is
 * not wanted any more the client is deleted and nothing more is told, whatever is still under way.
 * No position is kept here and none is logged.
 *
 *   OFF --wanted--> ASKING --started--> SEARCHING --position--> FIXED
 *   ASKING, SEARCHING, FIXED --refused, or GeoClue goes away--> FAILED
 *   any --not wanted--> OFF
 *
 * Signals:
 *  "changed" (): state or error are different
 *  "fix" (SighejPosition *): valid during the emission; one that sighej_position_check() takes
 */
#define SIGHEJ_TYPE_GEOCLUE (sighej_geoclue_get_type ())
G_DECLARE_FINAL_TYPE (SighejGeoclue, sighej_geoclue, SIGHEJ, GEOCLUE, GObject)

/* @system_bus: (nullable): NULL: there is none, so every wish fails */
SighejGeoclue *sighej_geoclue_new (GDBusConnection *system_bus, SighejClock *clock);

/* TRUE again after FAILED does nothing: say FALSE first. */
void sighej_geoclue_set_wanted (SighejGeoclue *self, gboolean wanted);

SighejGeoclueState sighej_geoclue_get_state (SighejGeoclue *self);

/**
 * sighej_geoclue_get_error:
 *
 * Returns: (nullable): one sentence for the person. FAILED: %SIGHEJ_ERROR_NOT_SUPPORTED (no
 *   GeoClue here), %SIGHEJ_ERROR_NOT_PERMITTED (it refuses), %SIGHEJ_ERROR_UNAVAILABLE (it broke).
 *   ASKING or SEARCHING for more than %SIGHEJ_GEOCLUE_FIX_SECONDS:
 *   %SIGHEJ_ERROR_UNAVAILABLE; it goes on
 */
const GError *sighej_geoclue_get_error (SighejGeoclue *self);

G_END_DECLS
