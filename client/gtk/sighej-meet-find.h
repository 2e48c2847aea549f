/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejMeetFind:
 *
 * How the two of a meet find each other: the cue and its colour, how near, where to meet, who is
 * there, whom to trust, a question to begin with; and the buttons that say how it goes.
 */
#define SIGHEJ_TYPE_MEET_FIND (sighej_meet_find_get_type ())
G_DECLARE_FINAL_TYPE (SighejMeetFind, sighej_meet_find, SIGHEJ, MEET_FIND, AdwBin)

/* Once, before anything else. */
void sighej_meet_find_set_model (SighejMeetFind *self, SighejModel *model);

/* What the bus says of the meet @id now. */
void sighej_meet_find_show (SighejMeetFind *self, guint id, SighejDBusMeet1 *meet);

G_END_DECLS
