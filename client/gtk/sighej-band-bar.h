/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

/**
 * SighejBandBar:
 *
 * How near somebody is: three steps, and the word beside them.
 */
#define SIGHEJ_TYPE_BAND_BAR (sighej_band_bar_get_type ())
G_DECLARE_FINAL_TYPE (SighejBandBar, sighej_band_bar, SIGHEJ, BAND_BAR, AdwBin)

void sighej_band_bar_set_band (SighejBandBar *self, SighejBand band);

/* A word of the API, (nullable); what is none counts as gone. */
void sighej_band_bar_set_word (SighejBandBar *self, const char *word);

G_END_DECLS
