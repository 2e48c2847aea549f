/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Between two whole messages, and in a window (SECURITY-DESIGN R-08). */
#define SIGHEJ_INTAKE_BYTES_PER_MESSAGE_MAX (16 * 1024)
#define SIGHEJ_INTAKE_BYTES_PER_WINDOW_MAX (64 * 1024)
#define SIGHEJ_INTAKE_WINDOW_MS 10000

/* How many bytes came in, whatever they say and whether anybody listens. */
typedef struct
{
  guint bytes_since_message; /* set to 0 by who has got a whole message */
  guint bytes_in_window;
  gint64 window_us; /* its begin; at first, when the socket opened */
} SighejIntake;

typedef enum
{
  SIGHEJ_INTAKE_FINE,
  SIGHEJ_INTAKE_TOO_FAST,
  SIGHEJ_INTAKE_TOO_LONG,
} SighejIntakeVerdict;

SighejIntakeVerdict sighej_intake_add (SighejIntake *self, gint64 now_us, gsize n_bytes);

G_END_DECLS
