/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-core.h"
#include "sighej-rotator.h"
#include "sighej-scan-planner.h"

G_BEGIN_DECLS

/*
 * What the files of SighejCore share: sighej-core.c joins the parts, sighej-core-close.c is the way
 * out: of the meets, off the air, out of the backend; sighej-core-wipe.c deletes what is kept.
 */

struct _SighejCore
{
  GObject parent_instance;

  SighejClock *clock;
  SighejConfig *config;
  SighejPreferences *preferences;

  SighejHost *host;
  SighejInhibitors *inhibitors;
  SighejRadio *radio;
  SighejCalibrator *calibrator;
  SighejLink *link;
  SighejAvoid *avoid;
  SighejPresence *presence;
  SighejSightings *sightings;
  SighejRotator *rotator;
  SighejScanPlanner *planner;
  SighejEncounters *encounters;
  SighejMeets *meets;
  SighejGeoclue *geoclue;

  guint8 realm;

  /* The running opening; all zero when there is none. */
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];
  gboolean link_wanted;
  gint64 link_until_us;
  guint leave_wait_id; /* the session is to end once the meets are told to */
  gboolean was_locked;

  GPtrArray *close_tasks; /* GTask* */
  guint close_wait_id;
  GTask *stop_task;

  guint64 n_verdicts[SIGHEJ_PAYLOAD_N_VERDICTS];
};

/* Makes the air what presence wants of it. */
void sighej_core_apply_air (SighejCore *self);

/* ---- of sighej-core-close.c ---- */

/* Something of ours may have left the air, or the backend. */
void sighej_core_finish_closing (SighejCore *self);

/* Ends the session; whoever is met is told while there still is one to say it in. */
void sighej_core_leave_session (SighejCore *self);

/* They are told, or need not be any more: now the session ends, if it was waiting for that. */
void sighej_core_end_leaving (SighejCore *self);

G_END_DECLS
