/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What two people who meet look for: a cue such as "Blue Heron", shown on both screens in a colour
 * both can see from afar. The daemon gives the words; the colour, and the question to begin with
 * (sighej-icebreaker.h), follow from the number behind them, so that they are the same on both
 * sides in whatever language each reads. Pure.
 */

/**
 * SighejCueColour:
 *
 * The colour a cue is shown in. It never stands alone: the words and its name are always beside it.
 */
typedef enum
{
  SIGHEJ_CUE_COLOUR_BLUE,
  SIGHEJ_CUE_COLOUR_GREEN,
  SIGHEJ_CUE_COLOUR_RED,
  SIGHEJ_CUE_COLOUR_YELLOW,
  SIGHEJ_CUE_COLOUR_PURPLE,
  SIGHEJ_CUE_COLOUR_ORANGE,
  SIGHEJ_CUE_COLOUR_PINK,
  SIGHEJ_CUE_COLOUR_BROWN,
  SIGHEJ_CUE_COLOUR_GREY,
} SighejCueColour;

#define SIGHEJ_CUE_COLOURS (SIGHEJ_CUE_COLOUR_GREY + 1)

/* @cue: as the daemon says it, in either language. Returns: its number, -1 when it is none of those
 * this version knows */
int sighej_cue_from_text (const char *cue);

/* @cue: a number, -1 is grey. A cue that names a colour has that one. */
SighejCueColour sighej_cue_get_colour (int cue);

/* "blue", in the language of the locale. */
const char *sighej_cue_colour_to_text (SighejCueColour colour);

/* "cue-blue", for a style sheet. */
const char *sighej_cue_colour_to_style (SighejCueColour colour);

G_END_DECLS
