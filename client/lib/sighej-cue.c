/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-client"

#include "config.h"

#include "sighej-cue.h"

#include <glib/gi18n.h>

#include "sighej-handle.h"

/* The first adjectives of sighej-handle.c name a colour, in this order; the others name none. */
static const SighejCueColour named[] = {
  SIGHEJ_CUE_COLOUR_BLUE,   SIGHEJ_CUE_COLOUR_GREEN,  SIGHEJ_CUE_COLOUR_RED,
  SIGHEJ_CUE_COLOUR_YELLOW, SIGHEJ_CUE_COLOUR_GREY,   SIGHEJ_CUE_COLOUR_ORANGE,
  SIGHEJ_CUE_COLOUR_PURPLE, SIGHEJ_CUE_COLOUR_RED,    SIGHEJ_CUE_COLOUR_YELLOW,
  SIGHEJ_CUE_COLOUR_GREEN,  SIGHEJ_CUE_COLOUR_BLUE,   SIGHEJ_CUE_COLOUR_GREEN,
  SIGHEJ_CUE_COLOUR_PINK,   SIGHEJ_CUE_COLOUR_ORANGE, SIGHEJ_CUE_COLOUR_PINK,
};

static const char *const names[] = {
  N_ ("blue"),   N_ ("green"), N_ ("red"),   N_ ("yellow"), N_ ("purple"),
  N_ ("orange"), N_ ("pink"),  N_ ("brown"), N_ ("grey"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (names) == SIGHEJ_CUE_COLOURS);

static const char *const styles[]
    = { "cue-blue",   "cue-green", "cue-red",   "cue-yellow", "cue-purple",
        "cue-orange", "cue-pink",  "cue-brown", "cue-grey" };
G_STATIC_ASSERT (G_N_ELEMENTS (styles) == SIGHEJ_CUE_COLOURS);

static gboolean
is_cue (const char *cue, guint number, const char *language)
{
  g_autofree char *text = sighej_handle_to_text (number, language);

  return g_strcmp0 (cue, text) == 0;
}

int
sighej_cue_from_text (const char *cue)
{
  g_return_val_if_fail (cue != NULL, -1);

  for (guint number = 0; number < SIGHEJ_HANDLES; number++)
    if (is_cue (cue, number, "en") || is_cue (cue, number, "da"))
      return (int) number;
  return -1;
}

SighejCueColour
sighej_cue_get_colour (int cue)
{
  guint adjective;

  if (cue < 0)
    return SIGHEJ_CUE_COLOUR_GREY;
  adjective = (guint) cue / SIGHEJ_HANDLE_ANIMALS;
  if (adjective < G_N_ELEMENTS (named))
    return named[adjective];
  /* Grey is seen worst from afar: only what is named after it has it. */
  return (SighejCueColour) ((guint) cue % SIGHEJ_CUE_COLOUR_GREY);
}

const char *
sighej_cue_colour_to_text (SighejCueColour colour)
{
  g_return_val_if_fail ((guint) colour < SIGHEJ_CUE_COLOURS, "");

  return _ (names[colour]);
}

const char *
sighej_cue_colour_to_style (SighejCueColour colour)
{
  g_return_val_if_fail ((guint) colour < SIGHEJ_CUE_COLOURS, "");

  return styles[colour];
}
