/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-framer.h"
#include "sighej-intake.h"

G_BEGIN_DECLS

/* Holds what is kept and what a read adds to it. */
#define SIGHEJ_INLET_BUFFER_BYTES (16 * 1024)

/**
 * SighejInlet:
 * @framer: has the fragments of an unfinished message
 * @intake: bounds all that comes, whatever it says
 * @kept: (nullable): came, and is not taken: an unfinished frame, or whole ones that have to wait
 *
 * What came from one socket, on its way to messages. Pure: who reads the socket brings the bytes.
 * All zero at first, but for the window of @intake; idle, it holds no buffer.
 */
typedef struct
{
  SighejFramer framer;
  SighejIntake intake;
  GByteArray *kept;
} SighejInlet;

/* @result: lent. Returns: whether to go on with the next frame; else the rest is kept */
typedef gboolean (*SighejInletTake) (SighejFramerEvent event,
                                     const SighejFramerResult *result,
                                     gpointer user_data);

/* Copies what is kept to the begin of @buffer, to be read into behind that. Returns: its length */
gsize sighej_inlet_begin (const SighejInlet *self, guint8 buffer[SIGHEJ_INLET_BUFFER_BYTES]);

/* @data: all that came and is not taken, in the place of what was kept; unmasked in place. @take
 * may call any of these. */
void sighej_inlet_take (
    SighejInlet *self, guint8 *data, gsize n_data, SighejInletTake take, gpointer user_data);

/* The same with what is kept. */
void sighej_inlet_take_kept (SighejInlet *self, SighejInletTake take, gpointer user_data);

/* Keeps @data, in the place of what was kept, for later. */
void sighej_inlet_keep (SighejInlet *self, const guint8 *data, gsize n_data);

void sighej_inlet_clear (SighejInlet *self);

G_END_DECLS
