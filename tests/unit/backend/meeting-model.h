/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meeting.h"

G_BEGIN_DECLS

/*
 * What a meeting must do, said another way than the machine says it: all that was done is kept, and
 * every question is answered by looking through it. Slow, without bytes, and without a state.
 */

typedef struct
{
  gint64 at_ms;   /* the store's clock, standing still where it stepped back */
  gint64 wall_ms; /* and as it was, which is what the store itself goes by */
  guint side;
  const char *session_id;
  SighejWireMeet act;
  gsize n_body;
} ModelEvent;

typedef struct
{
  GArray *log; /* of ModelEvent: done, and not in vain; empty: there is no record */
  gint64 gone_ms;
  gboolean met;
  gint64 met_ms;
  guint64 versions[SIGHEJ_MEETING_SIDES];
} Model;

/* What an act must come to. */
typedef struct
{
  int code; /* MEETING_DONE or what it is refused with */
  SighejMeetingOutcome outcome;
} ModelAnswer;

void model_init (Model *self);
void model_clear (Model *self);
/* Judges the act and, unless it is refused, does it. */
ModelAnswer model_act (
    Model *self, guint side, const SighejWireMeet *act, const char *session_id, gint64 now_ms);
gboolean model_describe (const Model *self, guint side, gint64 now_ms, SighejWireMeetState *out);
/* How many letters wait for @side, and the number of the first. */
guint model_letters (const Model *self, guint side, guint64 *first);

G_END_DECLS
