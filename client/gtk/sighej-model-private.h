/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-model.h"

G_BEGIN_DECLS

/* What sighej-model-calls.c, the calls to the daemon, is told by sighej-model.c, their life. */

/* (transfer none) (nullable): NULL without a bus */
GDBusConnection *sighej_model_get_connection (SighejModel *self);

/* (transfer none): cancelled when the model goes */
GCancellable *sighej_model_get_cancellable (SighejModel *self);

/* An opening is asked for: what the last one was refused for is forgotten. */
void sighej_model_opening_asked (SighejModel *self);

/* It was refused; @error is borrowed. Tells it by "error" unless a page tells it. */
void sighej_model_opening_refused (SighejModel *self, const GError *error);

/* The person closes: nothing is asked about a meet that ends by it. */
void sighej_model_closing_asked (SighejModel *self);

/* Emits "error". */
void sighej_model_say_error (SighejModel *self, const char *sentence, const char *next_step);

/* The daemon was started, or not: settles the facts anew. */
void sighej_model_daemon_started (SighejModel *self);

/* Looks for the bus anew, after it was lost or never there. */
void sighej_model_find_bus (SighejModel *self);

G_END_DECLS
