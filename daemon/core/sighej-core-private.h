/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-core.h"
#include "sighej-rotator.h"
#include "sighej-scan-planner.h"

G_BEGIN_DECLS

/*
 * What the files of SighejCore and those derived from it share: sighej-core.c joins the parts,
 * sighej-core-close.c takes them off the air, sighej-core-wipe.c deletes what is kept.
 */

/**
 * SighejCorePrivate:
 * @schedule: (nullable): of the session; NULL: there is none
 * @accepted_us: since when it counts, on the clock's now_us
 * @ended: no session is left to delete
 */
typedef struct
{
  SighejClock *clock;
  SighejConfig *config;
  SighejPreferences *preferences;
  SighejHost *host;
  SighejInhibitors *inhibitors;
  SighejRadio *radio;
  SighejCalibrator *calibrator;
  SighejPresence *presence;
  SighejRotator *rotator;
  SighejScanPlanner *planner;

  gboolean level_chosen; /* of the log */
  guint8 realm;
  gboolean was_locked;

  SighejTokenSchedule *schedule;
  gint64 accepted_us;
  gboolean ended;

  GPtrArray *close_tasks; /* GTask* */
  guint close_wait_id;
  GTask *stop_task;

  guint64 n_verdicts[SIGHEJ_PAYLOAD_N_VERDICTS];
} SighejCorePrivate;

SighejCorePrivate *sighej_core_private (gpointer self);

/* ---- for those derived ---- */

/**
 * sighej_core_build:
 * @flags: what our payloads say we are
 *
 * Takes and joins the parts; first of all in making a core.
 */
void sighej_core_build (SighejCore *self, const SighejCoreParts *parts, SighejPayloadFlags flags);

/* Starts the radio, and tells presence how things are; last of all. */
void sighej_core_begin (SighejCore *self);

/**
 * sighej_core_set_session:
 * @state: of the backend
 * @reason: what keeps us from a session
 * @schedule: (nullable): its tokens, which may be on the air; NULL: there is none
 * @accepted_us: since when they count, on the clock's now_us
 * @ended: no session is left to delete
 *
 * Says what became of the session that was wanted.
 */
void sighej_core_set_session (SighejCore *self,
                              SighejBackendState state,
                              SighejReason reason,
                              SighejTokenSchedule *schedule,
                              gint64 accepted_us,
                              gboolean ended);

/* ---- among the files of the core ---- */

/* Makes the air what presence wants of it. */
void sighej_core_apply_air (SighejCore *self);

/* Something of ours may have left the air, or the backend. */
void sighej_core_finish_closing (SighejCore *self);

G_END_DECLS
