/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-avoid.h"
#include "sighej-core.h"
#include "sighej-encounters.h"
#include "sighej-geoclue.h"
#include "sighej-link.h"
#include "sighej-meets.h"
#include "sighej-sightings.h"

G_BEGIN_DECLS

/**
 * SighejPerson:
 *
 * The daemon of a person: its tokens come with a session of the backend, and what is heard is asked
 * about there.
 *
 * Life of a token heard: SighejRadio "heard" -> payload decoded, other realms dropped ->
 * SighejSightings -> "report-due" -> SighejLink over the WebSocket -> the backend finds that both
 * heard each other and share an interest -> SighejLink "nudge" -> SighejEncounters, once per id ->
 * whoever listens -> acknowledged to the backend.
 *
 * Life of a meet: SighejMeets takes what a nudge brought; a wave -> SighejLinkMeets asks the
 * backend -> its view of the meet, when both waved -> SighejMeets "added" -> letters, spots, places
 * -> the end, by either, by time, or because the opening is paused or over -> wiped.
 *
 * On Close what was heard and every nudge is wiped with the session.
 */
#define SIGHEJ_TYPE_PERSON (sighej_person_get_type ())
G_DECLARE_FINAL_TYPE (SighejPerson, sighej_person, SIGHEJ, PERSON, SighejCore)

/**
 * sighej_person_new:
 * @geoclue: where this machine is, when in a meet both want to show that
 *
 * Starts the radio.
 *
 * Returns: (transfer full) (nullable): NULL with SIGHEJ_ERROR_CONFIG when a file the settings
 *   name cannot be read
 */
SighejPerson *
sighej_person_new (const SighejCoreParts *parts, SighejGeoclue *geoclue, GError **error);

/* ---- the parts, (transfer none), for reading and listening ---- */

SighejLink *sighej_person_get_link (SighejPerson *self);
SighejAvoid *sighej_person_get_avoid (SighejPerson *self);
SighejSightings *sighej_person_get_sightings (SighejPerson *self);
SighejEncounters *sighej_person_get_encounters (SighejPerson *self);
SighejMeets *sighej_person_get_meets (SighejPerson *self);

/**
 * sighej_person_prepare_pairing_async:
 *
 * Sees to a session for a pairing code, also when the radio is no use.
 *
 * Errors: SIGHEJ_ERROR_NOT_OPEN, what stands in the way of a session, SIGHEJ_ERROR_OFFLINE.
 */
void sighej_person_prepare_pairing_async (SighejPerson *self,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean
sighej_person_prepare_pairing_finish (SighejPerson *self, GAsyncResult *result, GError **error);

G_END_DECLS
